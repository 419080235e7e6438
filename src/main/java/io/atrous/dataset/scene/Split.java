package io.atrous.dataset.scene;

/** Which part of the endless set of scenes one is from; no scene is in two of them. */
public enum Split {
  /** What a model is fitted to. */
  TRAINING,
  /** What choices are made by. */
  VALIDATION,
  /** What nothing was fitted to or chosen by; the demo's cameras look at these. */
  TEST
}
