package io.atrous.settings;

/** How much the events say about confidence. */
enum ConfidenceDetail {
  /** Nothing; the network skips its softmax. */
  NONE,
  /** One mean per class and region. */
  MEAN,
  /** The means, and a map beside the mask. */
  MAP
}
