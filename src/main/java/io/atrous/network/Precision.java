package io.atrous.network;

import java.util.Locale;

/** What the body of a compiled network computes in. Its first and last steps are always fp32. */
public enum Precision {
  FP32(6),
  /** Eight bits of fp32's fraction, all of its range. */
  BF16(15),
  /** Eleven bits of fraction, numbers up to 65504. */
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
