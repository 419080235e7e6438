package io.atrous.inference.torch;

import ai.djl.Device;
import io.atrous.model.Normalization;
import io.atrous.network.ConvUnit;
import io.atrous.network.FoldedConvolution;
import io.atrous.network.Initialization;
import io.atrous.network.NetworkGraph;
import io.atrous.network.NetworkGraph.Value;
import io.atrous.network.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Convolutions with nothing around them, of shapes that suit processors best. What oneDNN reaches
 * on them is what a machine has to give: the measure for networks, which have other layers too.
 *
 * @param channels in and out
 * @param kernel side of the kernel
 * @param size height and width of the features; of the image too
 */
public record DenseConvolution(int channels, int kernel, int size) {

  /** Two, of which one or the other is faster, depending on the processor. */
  public static final List<DenseConvolution> FAST =
      List.of(new DenseConvolution(256, 3, 64), new DenseConvolution(1024, 1, 48));

  private static final int IMAGE_CHANNELS = 3;
  private static final int LAYERS = 3;

  /** Of one run on one image; twice as many floating-point operations. */
  public long multiplyAdds() {
    return (long) size
        * size
        * channels
        * (IMAGE_CHANNELS + (long) LAYERS * kernel * kernel * channels);
  }

  /**
   * Compiles it for a CPU, in fused kernels; {@link CompiledNetwork.Runs#body} is what to measure.
   *
   * @param directory where it lies while it is loaded
   * @throws IOException if it can't be written there
   * @throws io.atrous.inference.EngineFailedException if this processor does not run it
   */
  public CompiledNetwork compile(Precision precision, Path directory) throws IOException {
    NetworkGraph graph = new NetworkGraph();
    Value value = graph.convolution(unit("stem", IMAGE_CHANNELS, 1), graph.input());
    for (int i = 0; i < LAYERS; i++) {
      value = graph.convolution(unit("dense" + i, channels, kernel), value);
    }
    Value result = value;
    Initialization initialization = new Initialization(1);
    return CompiledNetwork.compile(
        IMAGE_CHANNELS,
        compiler ->
            compiler.compile(
                graph,
                result,
                true,
                Normalization.IMAGENET,
                unit ->
                    new FoldedConvolution(
                        initialization.values(unit.parameters().get(0)), new float[channels]),
                new TorchScriptVariant(TorchScriptVariant.Kernels.ONEDNN, precision),
                ConvolutionKernels.PLAIN,
                Device.cpu()),
        directory);
  }

  private ConvUnit unit(String name, int inChannels, int side) {
    return new ConvUnit(name, null, inChannels, channels, side, 1, 1, false, true);
  }

  @Override
  public String toString() {
    return "%dx%d, %d channels".formatted(kernel, kernel, channels);
  }
}
