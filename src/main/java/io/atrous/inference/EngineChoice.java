package io.atrous.inference;

import java.util.Locale;

/** Which runtime is asked for. */
public enum EngineChoice {
  /** The CPU's own where it runs the model, else PyTorch. */
  AUTO,
  ONEDNN,
  TORCH;

  /** Returns the value's spelling in the configuration. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
