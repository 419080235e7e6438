package io.atrous.inference.torch;

import ai.djl.Device;
import io.atrous.inference.EngineVariant;
import io.atrous.network.Precision;
import java.util.List;

/**
 * One of the ways to compile a network.
 *
 * @param kernels which convolutions it calls
 * @param precision what they compute in
 */
public record TorchScriptVariant(Kernels kernels, Precision precision) implements EngineVariant {

  /** Which of PyTorch's convolutions a compiled network calls. */
  public enum Kernels {
    /** {@code conv2d} as eager PyTorch would; runs everywhere. */
    PLAIN,
    /** oneDNN's, with ReLU and residual addition fused in and weights laid out ahead; CPU only. */
    ONEDNN,
    /** Plain ones, and cuDNN's with ReLU and residual addition fused in: each as it was chosen. */
    CUDNN;

    /** Those that a device may run, plain ones first. */
    static List<Kernels> of(Device device) {
      return List.of(PLAIN, device.isGpu() ? CUDNN : ONEDNN);
    }
  }

  /** What runs everywhere, and what the others are compared with. */
  public static final TorchScriptVariant PLAIN =
      new TorchScriptVariant(Kernels.PLAIN, Precision.FP32);

  /** Those of a precision that a CPU may run, the plain one first. */
  public static List<TorchScriptVariant> onCpu(Precision precision) {
    return of(Device.cpu(), precision);
  }

  static List<TorchScriptVariant> of(Device device, Precision precision) {
    return Kernels.of(device).stream()
        .map(kernels -> new TorchScriptVariant(kernels, precision))
        .toList();
  }

  @Override
  public String label() {
    String which =
        switch (kernels) {
          case PLAIN -> "plain ";
          case ONEDNN -> "fused oneDNN ";
          case CUDNN -> "fused cuDNN ";
        };
    return which + precision.label();
  }
}
