package io.atrous.settings;

/** What has the model file reloaded while the service runs. */
public enum ReloadTrigger {
  /** Nothing: the next start reads the file. */
  NONE,
  /** The signal HUP. */
  SIGNAL,
  /** A change of the file, or the signal HUP. */
  WATCH
}
