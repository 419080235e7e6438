package io.atrous.network;

import io.atrous.model.StorageType;
import java.util.Locale;

/** What the body of a compiled network computes in. Its first and last steps are always fp32. */
public enum Precision {
  FP32(StorageType.F32),
  /** Eight bits of fp32's fraction, all of its range. */
  BF16(StorageType.BF16),
  /** Eleven bits of fraction, numbers up to 65504. */
  FP16(StorageType.F16);

  private final StorageType storage;

  Precision(StorageType storage) {
    this.storage = storage;
  }

  /** How the weights of a network that computes in it lie in an archive. */
  public StorageType storage() {
    return storage;
  }

  /** As events and logs call it, such as {@code fp32}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
