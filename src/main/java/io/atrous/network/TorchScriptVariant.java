package io.atrous.network;

/**
 * One of the ways to compile a network.
 *
 * @param kernels which convolutions it calls
 * @param precision what they compute in
 */
public record TorchScriptVariant(Kernels kernels, Precision precision) {

  /** Which of PyTorch's convolutions a compiled network calls. */
  public enum Kernels {
    /** {@code conv2d} as eager PyTorch would; runs everywhere. */
    PLAIN,
    /** oneDNN's, with ReLU and residual addition fused in and weights laid out ahead; CPU only. */
    ONEDNN
  }

  /** As logs call it, such as {@code fused oneDNN fp32}. */
  public String label() {
    return (kernels == Kernels.ONEDNN ? "fused oneDNN " : "plain ") + precision.label();
  }
}
