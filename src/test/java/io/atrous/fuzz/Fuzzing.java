package io.atrous.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * Gives a target seeded inputs, one after another: what once failed, then sound inputs that were
 * damaged, and some that were made up. A case depends on nothing but the seed and its number.
 *
 * <p>A finding is anything thrown, too much memory, or a case that does not end. The input is left
 * in {@code target/fuzz}; if the JVM dies, the number of the case that killed it is.
 *
 * <p><b>Threading:</b> the target runs on a thread of its own, so that one that hangs is noticed.
 */
public final class Fuzzing {

  /** One small file for each input that once failed. */
  private static final Path CORPUS = Path.of("src", "test", "resources", "io", "atrous", "fuzz");

  private static final Path FINDINGS = Path.of("target", "fuzz");

  /** One case of this many is made up, not damaged. */
  private static final int GENERATED_ONE_IN = 8;

  private static final long MAX_CASE_CPU_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final long MAX_CASE_NANOS = TimeUnit.MINUTES.toNanos(5);
  private static final long WATCH_MILLIS = 500;

  /** How much the process may grow, heap and native memory together. */
  private static final long MAX_GROWTH_BYTES = 2L << 30;

  private final FuzzTarget target;
  private final long seed;
  private final int cases;
  private final List<byte[]> seeds;
  private final MappedByteBuffer place;
  private volatile long started;
  private volatile @Nullable Throwable failure;
  private int read;

  private Fuzzing(FuzzTarget target, long seed, int cases) throws IOException {
    this.target = target;
    this.seed = seed;
    this.cases = cases;
    this.seeds = new ArrayList<>(target.seeds());
    this.seeds.addAll(corpus(target));
    Files.createDirectories(FINDINGS);
    try (FileChannel file =
        FileChannel.open(
            FINDINGS.resolve(target.name() + ".case"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      // Survives the process.
      this.place = file.map(FileChannel.MapMode.READ_WRITE, 0, 2 * Long.BYTES);
    }
  }

  /**
   * Where an input goes that must be a file to be read. It stays there, and is the next one's.
   *
   * @param name unique among targets
   */
  public static Path file(String name) throws IOException {
    return Files.createDirectories(FINDINGS).resolve(name);
  }

  /** All targets of the class path. */
  static Stream<FuzzTarget> targets() {
    return ServiceLoader.load(FuzzTarget.class).stream().map(ServiceLoader.Provider::get);
  }

  /** Some of them; the others are closed. */
  static Stream<FuzzTarget> targets(Predicate<FuzzTarget> wanted) {
    return targets()
        .filter(
            target -> {
              boolean isWanted = wanted.test(target);
              if (!isWanted) {
                target.close();
              }
              return isWanted;
            });
  }

  /** Inputs that once failed, in a fixed order. */
  static List<byte[]> corpus(FuzzTarget target) {
    Path folder = CORPUS.resolve(target.name());
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<byte[]> inputs = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        inputs.add(Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return inputs;
  }

  /** One input, and whether it took more memory than the target allows. */
  static boolean reads(FuzzTarget target, byte[] input) throws Exception {
    long before = Allocated.bytes();
    boolean read = target.reads(input);
    assertThat(Allocated.bytes() - before)
        .as("allocated bytes")
        .isLessThanOrEqualTo(target.maxAllocatedBytes());
    return read;
  }

  /** Runs the target's corpus, and that many cases. */
  static void run(FuzzTarget target, long seed, int cases) throws IOException {
    Fuzzing fuzzing = new Fuzzing(target, seed, cases);
    fuzzing.run();
    assertThat(fuzzing.read)
        .as("damaged so that some inputs of %s are still read, and not all", target.name())
        .isBetween(cases / 1000, cases - cases / 1000);
  }

  private void run() {
    long residentBytes = Pointer.physicalBytes();
    Thread thread = new Thread(this::runCases, "fuzz-" + target.name());
    thread.setDaemon(true);
    thread.start();
    watch(thread);
    if (failure != null) {
      throw new AssertionError(describe(started), failure);
    }
    assertThat(Pointer.physicalBytes() - residentBytes)
        .as("how much the process has grown")
        .isLessThan(MAX_GROWTH_BYTES);
  }

  private void runCases() {
    try {
      for (byte[] input : Collections.unmodifiableList(corpus(target))) {
        var unused = reads(target, input);
      }
      for (int number = 0; number < cases; number++) {
        started = number;
        place.putLong(0, seed).putLong(Long.BYTES, number);
        read += reads(target, input(number)) ? 1 : 0;
      }
    } catch (Throwable e) {
      failure = e;
      keep(started);
    }
  }

  private byte[] input(long number) {
    Mutator mutator = new Mutator(seed * 0x9E3779B97F4A7C15L + number, target.words());
    byte[] sound = seeds.get(mutator.below(seeds.size()));
    byte[] input =
        mutator.below(GENERATED_ONE_IN) == 0
            ? mutator.generate(sound)
            : target.damaged(mutator, sound, seeds.get(mutator.below(seeds.size())));
    return mutator.below(GENERATED_ONE_IN) == 0 ? input : target.repaired(input);
  }

  private void watch(Thread thread) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long number = -1;
    long sinceNanos = 0;
    long sinceCpuNanos = 0;
    while (thread.isAlive()) {
      long cpuNanos = threads.getThreadCpuTime(thread.getId());
      if (started != number) {
        number = started;
        sinceNanos = System.nanoTime();
        sinceCpuNanos = cpuNanos;
      } else if (cpuNanos - sinceCpuNanos > MAX_CASE_CPU_NANOS
          || System.nanoTime() - sinceNanos > MAX_CASE_NANOS) {
        AssertionError hang = new AssertionError(describe(number) + " does not end");
        hang.setStackTrace(thread.getStackTrace());
        keep(number);
        throw hang;
      }
      try {
        thread.join(WATCH_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private String describe(long number) {
    return "%s, case %d of seed %d, kept as %s"
        .formatted(target.name(), number, seed, finding(number));
  }

  private Path finding(long number) {
    return FINDINGS.resolve("%s-%d-%d".formatted(target.name(), seed, number));
  }

  private void keep(long number) {
    try {
      Files.write(finding(number), input(number));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
