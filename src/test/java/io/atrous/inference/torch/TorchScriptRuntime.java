package io.atrous.inference.torch;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.atrous.inference.NetworkRuntime;
import io.atrous.model.Normalization;
import io.atrous.network.ConvUnit;
import io.atrous.network.FoldedConvolution;
import io.atrous.network.NetworkGraph;
import io.atrous.network.NetworkGraph.Value;
import io.atrous.network.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** Networks as TorchScript. */
public record TorchScriptRuntime(TorchScriptVariant variant) implements NetworkRuntime {

  /** Returns one for each kind of kernels. */
  public static List<TorchScriptRuntime> of(Precision precision) {
    return TorchScriptVariant.onCpu(precision).stream().map(TorchScriptRuntime::new).toList();
  }

  @Override
  public Precision precision() {
    return variant.precision();
  }

  @Override
  public ReadyNetwork ready(
      NetworkGraph graph,
      Value coarseLogits,
      boolean alignCorners,
      Function<ConvUnit, FoldedConvolution> convolutions)
      throws IOException {
    TorchScriptModule module =
        Variants.onThisMachine(
            () ->
                new TorchScriptCompiler(Path.of(System.getProperty("java.io.tmpdir")))
                    .compile(
                        graph,
                        coarseLogits,
                        alignCorners,
                        Normalization.IMAGENET,
                        convolutions,
                        variant,
                        ConvolutionKernels.PLAIN,
                        Device.cpu()));
    return new ReadyNetwork() {
      @Override
      public float[] logits(float[] images, int count, int height, int width) {
        try (NDManager call = PyTorch.engine().newBaseManager(Device.cpu())) {
          Shape shape = new Shape(count, images.length / (count * height * width), height, width);
          return module.logits(call.create(images, shape)).toFloatArray();
        }
      }

      @Override
      public void close() {
        module.close();
      }
    };
  }

  @Override
  public String toString() {
    return variant.label();
  }
}
