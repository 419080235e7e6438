package io.atrous.dataset.scene;

/** Which part of the endless set of scenes one is from; no scene is in two of them. */
public enum Split {
  /** The scenes that a model is trained on. */
  TRAINING,
  /** The scenes by which settings are chosen. */
  VALIDATION,
  /** The scenes that were used for neither; the demo's cameras look at these. */
  TEST
}
