package io.atrous.inference;

import io.atrous.network.Precision;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What a network is asked to compute in. */
public enum PrecisionChoice {
  /** The precision that the device is fastest in: fp32 unless fewer bits gain enough. */
  AUTO,
  FP32,
  BF16,
  FP16,
  /** Eight bits, where the model says how. */
  INT8;

  /** Returns the value's spelling in the configuration. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What an engine has chosen; the same as before if it computes in what can't be asked for. */
  PrecisionChoice like(EngineProfile engine) {
    return Arrays.stream(values())
        .filter(choice -> choice.key().equals(engine.precision()))
        .findFirst()
        .orElse(this);
  }

  /**
   * What is to be tried on a device, the widest first.
   *
   * @param gpu whether the device is one
   */
  public List<Precision> candidates(boolean gpu) {
    return switch (this) {
      case AUTO -> List.of(Precision.FP32, gpu ? Precision.FP16 : Precision.BF16);
      case FP32 -> List.of(Precision.FP32);
      case BF16 -> List.of(Precision.BF16);
      case FP16 -> List.of(Precision.FP16);
      case INT8 -> List.of(Precision.INT8);
    };
  }
}
