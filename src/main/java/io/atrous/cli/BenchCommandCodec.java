package io.atrous.cli;

import io.atrous.bench.CodecBench;
import io.atrous.mask.ConfidenceLevels;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code atrous bench codec}: how small and how fast masks become in each format. */
@Command(
    name = "codec",
    description = {
      "Encodes and decodes masks and confidence maps in every format.",
      "They are what the model in the jar predicts for scenes it has never seen; all take turns on"
          + " one thread. Times are of that thread's processor, each map's the median of its"
          + " rounds; of PNG means the bytes against those of 8-bit grey PNG with the better of the"
          + " filters none and up."
    },
    showDefaultValues = true)
final class BenchCommandCodec implements Callable<Integer> {

  @Mixin private Invocation invocation = new Invocation();
  @Mixin private BenchOutput output = new BenchOutput();

  @Option(
      names = "--size",
      paramLabel = "HxW",
      split = ",",
      converter = Size.Converter.class,
      description = "Size of the maps; several with commas.")
  private List<Size> sizes = List.of(new Size(256, 448), new Size(513, 513));

  @Option(names = "--scenes", paramLabel = "N", description = "Maps of each kind and size.")
  private int scenes = 24;

  @Option(
      names = "--levels",
      paramLabel = "N",
      description = "How many different confidences a confidence map may hold.")
  private int levels = 16;

  @Option(names = "--rounds", paramLabel = "N", description = "The most runs of each thing.")
  private int rounds = 50;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "Begin no further round of a size after this time; 3 are run.")
  private int seconds = 30;

  @Override
  public Integer call() {
    output.requireWritable();
    CodecBench bench = bench();
    output.show(
        invocation.out(),
        bench.machine(),
        sizes,
        (size, progress) -> bench.compare(size.height(), size.width(), progress));
    return 0;
  }

  private CodecBench bench() {
    invocation.requirePositive("--scenes", scenes);
    invocation.requirePositive("--seconds", seconds);
    ConfidenceLevels confidenceLevels =
        invocation.made("--levels", () -> new ConfidenceLevels(levels));
    return invocation.made(
        "--rounds",
        () ->
            new CodecBench(
                scenes,
                Runtime.getRuntime().availableProcessors(),
                rounds,
                TimeUnit.SECONDS.toNanos(seconds),
                confidenceLevels,
                processorTime(),
                System::nanoTime));
  }

  private static LongSupplier processorTime() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return threads.isCurrentThreadCpuTimeSupported()
        ? threads::getCurrentThreadCpuTime
        : System::nanoTime;
  }
}
