package io.atrous.model;

/** How a frame of any size is brought to the network's input size. */
public enum ResizePolicy {
  /** Scales preserving the aspect and pads right and bottom with the mean colour. */
  FIT,
  /** Scales each axis on its own. */
  STRETCH
}
