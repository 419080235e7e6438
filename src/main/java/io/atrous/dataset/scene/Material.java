package io.atrous.dataset.scene;

/** Computes the look of a surface, point by point. Implementations are immutable. */
@FunctionalInterface
interface Material {

  /**
   * Fills in the fragment's colour.
   *
   * @return whether the surface is there at all at this point; false is a hole
   */
  boolean shade(Fragment fragment);
}
