package io.atrous.inference.torch;

import ai.djl.Device;
import io.atrous.inference.BatchSizes;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.torch.KernelProbe.Trial;
import io.atrous.inference.torch.KernelProbe.TrialOutcome;
import io.atrous.model.NetworkSpec;
import io.atrous.network.ConvUnit;
import io.atrous.network.Precision;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the fastest kernel for each shape of convolution in a network, by trying all in a process
 * of its own ({@link KernelProbe}): timed in the largest batches, and proven in all sizes that the
 * service will run.
 *
 * <p>A kernel that aborts that process or says nothing in time costs the process: the next trial
 * gets a new one. A kernel that has cost {@value #MAX_LOST} is not tried any more. What could not
 * be tried within {@value #LIMIT_SECONDS} seconds stays plain. What a search found without losing a
 * process is kept for the next start ({@link KernelCache}).
 *
 * <p><b>Threading:</b> confined to one thread, but {@link #find} is thread-safe.
 */
final class KernelSearch {

  static final int MAX_LOST = 2;
  static final int LIMIT_SECONDS = 180;

  private static final Logger LOG = LoggerFactory.getLogger(KernelSearch.class);

  /** A process loads PyTorch and CUDA before its first answer, and cuDNN searches before each. */
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(60);

  /** The results of this process, since all lanes ask for the same. */
  private static final ConcurrentMap<KernelCache.Key, ConvolutionKernels> FOUND =
      new ConcurrentHashMap<>();

  private final Launcher launcher;
  private final Duration answerLimit;
  private final List<Integer> batchSizes;
  private final LongSupplier nanoTime;
  private final long startNanos;
  private final Map<ConvolutionKernel, Integer> lost = new EnumMap<>(ConvolutionKernel.class);
  private @Nullable ProbeProcess probe;
  private int tried;
  private int useless;

  /** Starts a process that answers trials. */
  interface Launcher {
    ProbeProcess launch() throws IOException;
  }

  /**
   * A search that begins now.
   *
   * @param answerLimit how long a trial may take
   * @param batchSizes those in which kernels have to run, besides that of the shapes
   */
  KernelSearch(
      Launcher launcher, Duration answerLimit, List<Integer> batchSizes, LongSupplier nanoTime) {
    this.launcher = launcher;
    this.answerLimit = answerLimit;
    this.batchSizes = batchSizes;
    this.nanoTime = nanoTime;
    this.startNanos = nanoTime.getAsLong();
  }

  /**
   * The kernels for a network; asked again, the same.
   *
   * @param device the device to try them on
   * @param cache what earlier processes have found
   */
  static ConvolutionKernels find(
      NetworkSpec network,
      Precision precision,
      Device device,
      EngineSettings settings,
      KernelCache cache,
      LongSupplier nanoTime) {
    KernelCache.Key question =
        KernelCache.Key.of(
            device,
            network,
            precision,
            settings.maxBatchSize(),
            settings.inputHeight(),
            settings.inputWidth());
    List<String> arguments =
        List.of(
            TorchScriptEngine.label(device),
            precision.name(),
            settings.temporaryDirectory().toString());
    return FOUND.computeIfAbsent(
        question,
        key -> find(key, cache, () -> ProbeProcess.launch(KernelProbe.class, arguments), nanoTime));
  }

  /** The kernels that the cache has, else those that a search finds. */
  static ConvolutionKernels find(
      KernelCache.Key key, KernelCache cache, Launcher launcher, LongSupplier nanoTime) {
    return cache.read(key).orElseGet(() -> search(key, cache, launcher, nanoTime));
  }

  private static ConvolutionKernels search(
      KernelCache.Key key, KernelCache cache, Launcher launcher, LongSupplier nanoTime) {
    List<Integer> smallerSizes =
        BatchSizes.warmed(key.batchSize()).stream().filter(size -> size < key.batchSize()).toList();
    KernelSearch search = new KernelSearch(launcher, ANSWER_LIMIT, smallerSizes, nanoTime);
    Map<ConvUnit, ConvolutionShape> shapes = key.shapes();
    ConvolutionKernels found = search.fastest(shapes);
    LOG.info(
        "kernels for {} convolutions in {} on {}: {}; {} trials, {} in vain, in {} s",
        shapes.size(),
        key.precision().label(),
        key.device(),
        found,
        search.tried,
        search.useless,
        TimeUnit.NANOSECONDS.toSeconds(search.elapsedNanos()));
    // What cost a process, such as a library that is missing, may be mended before the next start.
    if (search.lost.isEmpty() && !Thread.currentThread().isInterrupted()) {
      cache.write(key, found);
    }
    return found;
  }

  /**
   * Tries all kernels.
   *
   * @param shapes of a network's convolutions
   */
  ConvolutionKernels fastest(Map<ConvUnit, ConvolutionShape> shapes) {
    Map<ConvolutionShape, ConvolutionKernel> fastest = new HashMap<>();
    try {
      largestFirst(shapes.values()).forEach(shape -> fastest.put(shape, fastest(shape)));
    } finally {
      end();
    }
    Map<ConvUnit, ConvolutionKernel> chosen = new HashMap<>();
    shapes.forEach((unit, shape) -> chosen.put(unit, Objects.requireNonNull(fastest.get(shape))));
    return new ConvolutionKernels(chosen);
  }

  private ConvolutionKernel fastest(ConvolutionShape shape) {
    Map<ConvolutionKernel, Long> nanos = new EnumMap<>(ConvolutionKernel.class);
    for (ConvolutionKernel kernel : shape.candidates()) {
      nanos(shape, kernel).ifPresent(time -> nanos.put(kernel, time));
    }
    return nanos.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .filter(kernel -> kernel == ConvolutionKernel.PLAIN || runsInAllSizes(shape, kernel))
        .findFirst()
        .orElse(ConvolutionKernel.PLAIN);
  }

  private boolean runsInAllSizes(ConvolutionShape shape, ConvolutionKernel kernel) {
    return batchSizes.stream().allMatch(size -> nanos(shape.inBatches(size), kernel).isPresent());
  }

  /** If time runs out, it should have gone to what the network spends most on. */
  private static List<ConvolutionShape> largestFirst(Collection<ConvolutionShape> shapes) {
    Map<ConvolutionShape, Long> multiplyAdds = new LinkedHashMap<>();
    shapes.forEach(shape -> multiplyAdds.merge(shape, shape.multiplyAdds(), Long::sum));
    return multiplyAdds.entrySet().stream()
        .sorted(Map.Entry.<ConvolutionShape, Long>comparingByValue().reversed())
        .map(Map.Entry::getKey)
        .toList();
  }

  private long elapsedNanos() {
    return nanoTime.getAsLong() - startNanos;
  }

  /** Of a run; empty if the kernel is of no use, or was not tried. */
  private OptionalLong nanos(ConvolutionShape shape, ConvolutionKernel kernel) {
    if (elapsedNanos() > TimeUnit.SECONDS.toNanos(LIMIT_SECONDS)
        || lost.getOrDefault(kernel, 0) >= MAX_LOST
        || Thread.currentThread().isInterrupted()) {
      return OptionalLong.empty();
    }
    Trial trial = new Trial(shape, kernel);
    tried++;
    try {
      if (probe == null) {
        probe = launcher.launch();
      }
      TrialOutcome outcome = probe.ask(trial, answerLimit);
      if (outcome.failure() == null) {
        LOG.debug("{}: {} ns", trial, outcome.nanos());
        return OptionalLong.of(outcome.nanos());
      }
      LOG.debug("{} is of no use: {}", trial, outcome.failure());
    } catch (IOException | TimeoutException e) {
      LOG.info("{} has cost the process that tried it: {}", trial, e.getMessage());
      lost.merge(kernel, 1, Integer::sum);
      end();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    useless++;
    return OptionalLong.empty();
  }

  private void end() {
    if (probe != null) {
      probe.close();
      probe = null;
    }
  }
}
