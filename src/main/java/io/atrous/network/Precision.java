package io.atrous.network;

import java.util.Locale;

/** What the body of a compiled network computes in. Its first and last steps are always fp32. */
public enum Precision {
  FP32(6),
  FP16(5);

  private final int scalarType;

  Precision(int scalarType) {
    this.scalarType = scalarType;
  }

  /** PyTorch's number for it, as TorchScript code names types. */
  int scalarType() {
    return scalarType;
  }

  /** As events and logs call it, such as {@code fp32}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
