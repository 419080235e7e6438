package io.atrous.bench;

import io.atrous.Engines;
import io.atrous.bench.ServiceHost.Subject;
import io.atrous.inference.EngineChoice;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.PrecisionChoice;
import io.atrous.inference.SegmentationEngine;
import io.atrous.model.ClassCatalog;
import io.atrous.model.Model;
import io.atrous.model.ModelSpec;
import io.atrous.model.NetworkSpec;
import io.atrous.model.Normalization;
import io.atrous.model.ResizePolicy;
import io.atrous.model.SegmentationClass;
import io.atrous.model.StorageType;
import io.atrous.network.CostModel;
import io.atrous.network.ParameterSpec;
import io.atrous.network.Weights;
import io.atrous.settings.KafkaKeys;
import io.atrous.settings.NetworkKeys;
import io.atrous.settings.ProcessingGuarantee;
import io.atrous.settings.ServiceConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.apache.kafka.common.utils.AppInfoParser;
import org.jspecify.annotations.Nullable;

/**
 * Runs services from topic to topic, each in a JVM of its own, against a broker in another: how
 * many frames they answer while more wait, what that costs, and how long a frame takes when few
 * come.
 *
 * <p>Whatever runs is also checked: every frame is answered once, with all its regions.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class ServiceBench {

  private static final int PICTURES = 32;
  private static final int PASCAL_VOC_CLASSES = 21;
  private static final int PASCAL_VOC_SIZE = 513;

  /** The factor for the time that a network is watched, since its batches take long. */
  private static final int NETWORK_PATIENCE = 3;

  /** The factor for the time in which code becomes warm. */
  private static final int WARM_PATIENCE = 2;

  /** The frames that a percentile needs at least. */
  private static final double LATENCY_FRAMES = 200;

  /** A CPU needs seconds for a batch of a large network: it must not count as broken. */
  private static final Map<String, String> LARGE_NETWORK =
      Map.of(
          NetworkKeys.BATCH_MAX_SIZE,
          "4",
          KafkaKeys.DRAIN_TIMEOUT_MS,
          "60000",
          KafkaKeys.SHUTDOWN_TIMEOUT_MS,
          "90000",
          KafkaKeys.STREAMS_PREFIX + "producer.transaction.timeout.ms",
          "120000");

  /** The largest share of what a network can do, since frames must not wait for each other. */
  private static final double LOW_SHARE = 0.1;

  /** The least frames a second; below, latency would take minutes to measure. */
  private static final double LEAST_LOW_LOAD = 1;

  private static final int LEAST_BACKLOG = 100;

  /** The most by which a backlog may grow, as a multiple of what was asked for. */
  private static final int MOST_GROWTH = 32;

  private static final int MOST_LOW_LOAD = 1_000;

  private final Options options;
  private final Clock clock;
  private final LongSupplier nanoTime;

  /** The services that can be measured. */
  public enum Contestant {
    /** The service without a network: it answers with recorded masks. */
    NULL,
    /** The simple service to compare with, {@link NaiveService}, with the same masks. */
    NAIVE,
    /** The service with the model in the jar. */
    STREET,
    /** The service with an untrained ResNet-101 of output stride 16, at 513x513. */
    RESNET101
  }

  /**
   * The choice of what to run.
   *
   * @param frameHeight pixels down of the cameras' pictures
   * @param frameWidth pixels across
   * @param backlog the number of frames that wait when a service starts; it grows for a service
   *     that answers most of them before the measurement begins
   * @param rounds the number of times that each contestant without a network runs
   * @param seconds the longest time that such a run is measured
   * @param lowLoad frames per second at which latency is measured
   * @param settings the settings of the service, beside those of the bench
   */
  public record Options(
      List<Contestant> contestants,
      int frameHeight,
      int frameWidth,
      int backlog,
      int rounds,
      int seconds,
      double lowLoad,
      Map<String, String> settings) {

    public Options {
      contestants = List.copyOf(contestants);
      settings = Map.copyOf(settings);
      requireAtLeast("--backlog", LEAST_BACKLOG, backlog);
      requireAtLeast("--rounds", 1, rounds);
      requireAtLeast("--seconds", 1, seconds);
      if (!(lowLoad > 0 && lowLoad <= MOST_LOW_LOAD)) {
        throw new IllegalArgumentException(
            "--low-load must be more than 0 and at most " + MOST_LOW_LOAD);
      }
      BenchWorld.check(settings);
    }

    private static void requireAtLeast(String option, int least, int value) {
      if (value < least) {
        throw new IllegalArgumentException(
            option + " must be at least " + least + ", not " + value);
      }
    }

    private boolean has(Contestant contestant) {
      return contestants.contains(contestant);
    }
  }

  /** The service that a run observes, with its world and clock. */
  record Observer(HostedService service, BenchWorld world, LongSupplier nanoTime) {}

  /** A contestant without a network, its processing guarantee, and its settings. */
  private record Entry(
      String name,
      HostedService service,
      ProcessingGuarantee guarantee,
      Map<String, String> settings) {}

  /**
   * A bench.
   *
   * @param clock the clock of frames
   * @param nanoTime a clock to measure with
   */
  public ServiceBench(Options options, Clock clock, LongSupplier nanoTime) {
    this.options = options;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /** Describes the machine in a line. */
  public String machine() {
    int cores = Runtime.getRuntime().availableProcessors();
    return Machine.describe(cores, "Kafka " + AppInfoParser.getVersion());
  }

  /**
   * Measures.
   *
   * @throws BenchFailedException if a service leaves a frame out, answers one twice, or stops
   */
  public ServiceFigures run(BenchProgress progress) {
    Steps steps = new Steps(progress, stepCount());
    steps.next("filming");
    Footage footage = Footage.film(options.frameWidth(), options.frameHeight(), PICTURES);
    steps.next("starting a broker");
    try (BenchWorld world = BenchWorld.start(footage, clock)) {
      world.fill(options.backlog());
      ServiceFigures figures =
          new ServiceFigures(footage, Runtime.getRuntime().availableProcessors());
      if (options.has(Contestant.NULL) || options.has(Contestant.NAIVE)) {
        withoutNetwork(world, figures, steps);
      }
      if (options.has(Contestant.STREET)) {
        withNetwork(world, "street", Model.SHIPPED, options.settings(), figures, steps);
      }
      if (options.has(Contestant.RESNET101)) {
        steps.next("ResNet-101");
        Map<String, String> settings = new TreeMap<>(LARGE_NETWORK);
        settings.putAll(options.settings());
        withNetwork(
            world, "ResNet-101 513x513", resNet101(world.directory()), settings, figures, steps);
      }
      return figures;
    } catch (IOException e) {
      throw new UncheckedIOException("the bench can't talk to its processes", e);
    }
  }

  private int stepCount() {
    int subjects = (options.has(Contestant.NULL) ? 2 : 0) + (options.has(Contestant.NAIVE) ? 2 : 0);
    return 2
        + (subjects > 0 ? 2 : 0)
        + subjects * (1 + options.rounds())
        + (options.has(Contestant.NULL) ? 2 : 0)
        + (options.has(Contestant.STREET) ? 3 : 0)
        + (options.has(Contestant.RESNET101) ? 4 : 0);
  }

  private void withoutNetwork(BenchWorld world, ServiceFigures figures, Steps steps)
      throws IOException {
    steps.next("recording masks");
    Model street = Model.named(Model.SHIPPED);
    RecordedMasks recorded = recorded(world.footage(), street);
    Path masks = world.directory().resolve("masks");
    recorded.write(masks);
    steps.next("a worker, stage by stage");
    figures.add(
        WorkerStages.measure(
            world,
            street.spec(),
            recorded,
            config(world),
            clock,
            ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime));
    try (HostedService service = launched(Contestant.NULL, Subject.NULL_ENGINE, masks);
        HostedService naive = launched(Contestant.NAIVE, Subject.NAIVE, masks)) {
      List<Entry> entries = new ArrayList<>();
      if (service != null) {
        for (ProcessingGuarantee guarantee :
            List.of(ProcessingGuarantee.AT_LEAST_ONCE, ProcessingGuarantee.EXACTLY_ONCE_V2)) {
          entries.add(
              new Entry(
                  "null engine, " + ServiceFigures.name(guarantee),
                  service,
                  guarantee,
                  options.settings()));
        }
      }
      if (naive != null) {
        // As Kafka Streams comes, and with a thread for each core.
        for (int threads :
            IntStream.of(1, Runtime.getRuntime().availableProcessors()).distinct().toArray()) {
          Map<String, String> settings = new TreeMap<>(options.settings());
          settings.put(KafkaKeys.STREAM_THREADS, String.valueOf(threads));
          entries.add(
              new Entry(
                  "%s, threads: %d".formatted(ServiceFigures.NAIVE, threads),
                  naive,
                  ProcessingGuarantee.AT_LEAST_ONCE,
                  settings));
        }
      }
      for (Entry entry : entries) {
        steps.next(entry.name() + ": warming");
        var unused =
            drain(
                world,
                entry.service(),
                Model.SHIPPED,
                entry.guarantee(),
                entry.settings(),
                WARM_PATIENCE);
      }
      for (int round = 1; round <= options.rounds(); round++) {
        for (Entry entry : entries) {
          steps.next("%s: round %d of %d".formatted(entry.name(), round, options.rounds()));
          figures.add(
              entry.name(),
              drain(world, entry.service(), Model.SHIPPED, entry.guarantee(), entry.settings(), 1));
        }
      }
      for (Entry entry : entries) {
        if (entry.service() == service) {
          steps.next(entry.name() + ": latency");
          figures.add(
              entry.name(),
              latency(
                  world,
                  service,
                  Model.SHIPPED,
                  entry.guarantee(),
                  entry.settings(),
                  options.lowLoad()));
        }
      }
    }
  }

  private void withNetwork(
      BenchWorld world,
      String name,
      String model,
      Map<String, String> settings,
      ServiceFigures figures,
      Steps steps)
      throws IOException {
    try (HostedService service = HostedService.launch(Subject.MODEL, null)) {
      ProcessingGuarantee guarantee = ProcessingGuarantee.EXACTLY_ONCE_V2;
      String entry = name + ", " + ServiceFigures.name(guarantee);
      steps.next(entry + ": warming");
      var unused = drain(world, service, model, guarantee, settings, WARM_PATIENCE);
      steps.next(entry);
      DrainRun run = drain(world, service, model, guarantee, settings, NETWORK_PATIENCE);
      figures.add(entry, run);
      double lowLoad = Math.min(options.lowLoad(), run.framesPerSecond() * LOW_SHARE);
      if (lowLoad >= LEAST_LOW_LOAD) {
        steps.next(name + ": latency");
        figures.add(
            name + ", " + ServiceFigures.name(ProcessingGuarantee.AT_LEAST_ONCE),
            latency(world, service, model, ProcessingGuarantee.AT_LEAST_ONCE, settings, lowLoad));
      }
    }
  }

  private @Nullable HostedService launched(Contestant contestant, Subject subject, Path masks)
      throws IOException {
    return options.has(contestant) ? HostedService.launch(subject, masks) : null;
  }

  /** Measures a service, with a longer backlog if it was too fast for the one there is. */
  private DrainRun drain(
      BenchWorld world,
      HostedService service,
      String model,
      ProcessingGuarantee guarantee,
      Map<String, String> settings,
      int patience)
      throws IOException {
    long enoughNanos = patience * TimeUnit.SECONDS.toNanos(options.seconds());
    while (true) {
      DrainRun run = drainOnce(world, service, model, guarantee, settings, enoughNanos);
      if (!run.wasTooShort(world.backlog(), enoughNanos)) {
        return run;
      }
      if (world.backlog() >= MOST_GROWTH * options.backlog()) {
        throw new BenchFailedException(
            "Most of %d frames were answered before the measurement began: set --backlog"
                .formatted(world.backlog()));
      }
      world.fill(2 * world.backlog());
    }
  }

  private DrainRun drainOnce(
      BenchWorld world,
      HostedService service,
      String model,
      ProcessingGuarantee guarantee,
      Map<String, String> settings,
      long enoughNanos)
      throws IOException {
    try (OutcomeAudit reader = world.reader(guarantee)) {
      long framesBefore = service.frames();
      service.start(world.settings(BenchWorld.BACKLOG, model, guarantee, settings));
      DrainRun run =
          DrainRun.observe(
              new Observer(service, world, nanoTime),
              reader,
              framesBefore,
              world.backlog(),
              enoughNanos);
      service.stop();
      reader.finish();
      return run;
    }
  }

  private LatencyRun latency(
      BenchWorld world,
      HostedService service,
      String model,
      ProcessingGuarantee guarantee,
      Map<String, String> more,
      double lowLoad)
      throws IOException {
    String topic = world.newLiveTopic();
    Map<String, String> settings = world.settings(topic, model, guarantee, more);
    try (OutcomeAudit reader = world.reader(guarantee)) {
      service.start(settings);
      LatencyRun run =
          LatencyRun.observe(
              new Observer(service, world, nanoTime),
              reader,
              topic,
              lowLoad,
              Math.max(options.seconds(), LATENCY_FRAMES / lowLoad),
              ServiceConfig.of(settings));
      service.stop();
      reader.finish();
      return run;
    }
  }

  private ServiceConfig config(BenchWorld world) {
    return ServiceConfig.of(
        world.settings(
            BenchWorld.BACKLOG,
            Model.SHIPPED,
            ProcessingGuarantee.AT_LEAST_ONCE,
            options.settings()));
  }

  private static RecordedMasks recorded(Footage footage, Model model) {
    EngineSettings settings =
        new EngineSettings(
            new ExecutionTarget.Cpu(),
            PrecisionChoice.FP32,
            model.spec().inputHeight(),
            model.spec().inputWidth(),
            1,
            true,
            Runtime.getRuntime().availableProcessors(),
            Path.of(System.getProperty("java.io.tmpdir")));
    try (SegmentationEngine engine = Engines.of(EngineChoice.AUTO).start(model, settings)) {
      return RecordedMasks.of(footage, engine, model);
    }
  }

  private static String resNet101(Path directory) throws IOException {
    NetworkSpec network =
        NetworkSpec.deepLabV3Plus(List.of(3, 4, 23, 3), 64, 16, 256, PASCAL_VOC_CLASSES);
    Weights weights = Weights.untrained(network, 1);
    Map<String, float[]> tensors = new TreeMap<>();
    for (ParameterSpec parameter : CostModel.parametersOf(network)) {
      tensors.put(parameter.name(), weights.tensor(parameter.name()));
    }
    ModelSpec spec =
        new ModelSpec(
            "untrained ResNet-101",
            "1",
            new ClassCatalog(
                IntStream.range(0, PASCAL_VOC_CLASSES)
                    .mapToObj(i -> new SegmentationClass("class " + i, i))
                    .toList()),
            PASCAL_VOC_SIZE,
            PASCAL_VOC_SIZE,
            Normalization.IMAGENET,
            ResizePolicy.FIT);
    Path file = directory.resolve("resnet101.safetensors");
    Weights.write(file, spec, network, tensors, StorageType.BF16);
    return file.toString();
  }

  /** Counts the steps of a bench for its progress. */
  private static final class Steps {

    private final BenchProgress progress;
    private final int count;
    private int done;

    Steps(BenchProgress progress, int count) {
      this.progress = progress;
      this.count = count;
    }

    void next(String what) {
      progress.at(Math.min(1, (double) done++ / count), what);
    }
  }
}
