package io.atrous.model;

/** The ways to bring a frame of any size to the network's input size. */
public enum ResizePolicy {
  /** Scales preserving the aspect and pads right and bottom with the mean colour. */
  FIT,
  /** Scales each axis on its own. */
  STRETCH
}
