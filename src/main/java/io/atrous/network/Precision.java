package io.atrous.network;

import io.atrous.model.StorageType;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the body of a network computes in. Its first and last steps always have more bits. */
public enum Precision {
  FP32(32, StorageType.F32),
  /** Eight bits of fp32's fraction, all of its range. */
  BF16(16, StorageType.BF16),
  /** Eleven bits of fraction, numbers up to 65504. */
  FP16(16, StorageType.F16),
  /** Whole numbers of eight bits times scales, which a calibration gives. */
  INT8(8, null);

  private final int bits;
  private final @Nullable StorageType storage;

  Precision(int bits, @Nullable StorageType storage) {
    this.bits = bits;
    this.storage = storage;
  }

  /** Returns those whose numbers need no scales. */
  public static List<Precision> floating() {
    return Arrays.stream(values()).filter(precision -> precision.storage != null).toList();
  }

  /** Returns the number of bits of a feature. */
  public int bits() {
    return bits;
  }

  /** How the weights of a network that computes in it lie in an archive. */
  public StorageType storage() {
    if (storage == null) {
      throw new IllegalStateException("no archive is in " + label());
    }
    return storage;
  }

  /** As events and logs call it, such as {@code fp32}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
