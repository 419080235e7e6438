package io.atrous.model;

/**
 * What a service needs to know of a model, whatever its network.
 *
 * @param name the model's name, as events carry it
 * @param version the model's version, as events carry it
 * @param classes the classes of its logits, in their order
 * @param inputHeight pixels down that frames are brought to
 * @param inputWidth pixels across that frames are brought to
 * @param normalization the normalization of pixels that the network expects
 * @param resizePolicy the way in which frames are brought to the input size
 */
public record ModelSpec(
    String name,
    String version,
    ClassCatalog classes,
    int inputHeight,
    int inputWidth,
    Normalization normalization,
    ResizePolicy resizePolicy) {

  /** Pixels on a side. */
  private static final int MAX_INPUT = 1 << 14;

  public ModelSpec {
    if (name.isBlank() || version.isBlank()) {
      throw new IllegalArgumentException("a model needs a name and a version");
    }
    if (Math.min(inputHeight, inputWidth) < 1 || Math.max(inputHeight, inputWidth) > MAX_INPUT) {
      throw new IllegalArgumentException("impossible input size " + inputHeight + "x" + inputWidth);
    }
  }
}
