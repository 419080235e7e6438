package io.atrous.cli;

import io.atrous.bench.NetworkBench;
import io.atrous.bench.NetworkBench.Subject;
import io.atrous.inference.EngineChoice;
import io.atrous.model.ModelFile;
import io.atrous.model.NetworkSpec;
import io.atrous.model.Quantization;
import io.atrous.network.Weights;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code atrous bench network}: every way to run a network on this CPU, side by side. */
@Command(
    name = "network",
    description = {
      "Runs networks in every way this CPU knows.",
      "They run as blocks, compiled to TorchScript with plain and fused kernels, and on oneDNN"
          + " itself, in fp32 and bf16 and there in int8, too. All take"
          + " turns, and two dense convolutions with them; of best is a share of the best rate"
          + " of any of these in its precision."
          + " Figures are of the median run; gain is against the blocks, error is of the logits,"
          + " tail is the share of a call after the body."
    },
    showDefaultValues = true)
final class BenchCommandNetwork implements Callable<Integer> {

  private static final String RESNET_101_OS16 = "resnet101-os16";
  private static final String RESNET_101_OS8 = "resnet101-os8";
  private static final String STREET = "street";
  private static final int PASCAL_VOC_CLASSES = 21;
  private static final int PASCAL_VOC_SIZE = 513;

  @Mixin private Invocation invocation = new Invocation();
  @Mixin private ThreadsOption threads = new ThreadsOption();
  @Mixin private BenchOutput output = new BenchOutput();

  @Option(
      names = "--network",
      paramLabel = "NAME|FILE",
      split = ",",
      description =
          "resnet101-os16 and resnet101-os8 with untrained weights, street for the model in the"
              + " jar, or a model file; several with commas.")
  private List<String> networks = List.of(RESNET_101_OS16, RESNET_101_OS8, STREET);

  @Option(
      names = "--batch",
      paramLabel = "N",
      split = ",",
      description = "Images per call; several with commas.")
  private List<Integer> batches = List.of(1, 4);

  @Option(
      names = "--input",
      paramLabel = "HxW",
      converter = Size.Converter.class,
      description = {
        "Size of the images.",
        "  Default: the model's input size, and 513x513 for ResNet-101"
      })
  private @Nullable Size input;

  @Option(
      names = "--engine",
      paramLabel = "ENGINE",
      description = "What compiled networks run on: onednn, torch, or auto for both side by side.")
  private EngineChoice engine = EngineChoice.AUTO;

  @Option(names = "--rounds", paramLabel = "N", description = "The most runs of each thing.")
  private int rounds = 15;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "Begin no further round of a network and batch after this time; 3 are run.")
  private int seconds = 60;

  @Override
  public Integer call() {
    output.requireWritable();
    NetworkBench bench = bench();
    output.show(invocation.out(), bench.machine(), subjects(), bench::compare);
    return 0;
  }

  private NetworkBench bench() {
    int cores = threads.count();
    invocation.requirePositive("--seconds", seconds);
    batches.forEach(batch -> invocation.requirePositive("--batch", batch));
    return invocation.made(
        "--rounds",
        () ->
            new NetworkBench(
                engine,
                cores,
                rounds,
                TimeUnit.SECONDS.toNanos(seconds),
                Path.of(System.getProperty("java.io.tmpdir")),
                System::nanoTime));
  }

  private List<Subject> subjects() {
    List<Subject> subjects = new ArrayList<>();
    for (String network : networks) {
      for (int batch : batches) {
        subjects.add(
            switch (network) {
              case RESNET_101_OS16 -> resNet101(network, 16, batch);
              case RESNET_101_OS8 -> resNet101(network, 8, batch);
              case STREET -> subject(network, ModelFile.shipped(), batch);
              default -> subject(network, ModelFile.open(Path.of(network)), batch);
            });
      }
    }
    return subjects;
  }

  private Subject resNet101(String name, int outputStride, int batch) {
    NetworkSpec spec =
        NetworkSpec.deepLabV3Plus(List.of(3, 4, 23, 3), 64, outputStride, 256, PASCAL_VOC_CLASSES);
    return subject(name, Weights.untrained(spec, 1), null, PASCAL_VOC_SIZE, PASCAL_VOC_SIZE, batch);
  }

  private Subject subject(String name, ModelFile model, int batch) {
    return subject(
        name,
        Weights.of(model),
        model.quantization().orElse(null),
        model.spec().inputHeight(),
        model.spec().inputWidth(),
        batch);
  }

  private Subject subject(
      String name,
      Weights weights,
      @Nullable Quantization quantization,
      int height,
      int width,
      int batch) {
    return new Subject(
        name,
        weights,
        quantization,
        input == null ? height : input.height(),
        input == null ? width : input.width(),
        batch);
  }
}
