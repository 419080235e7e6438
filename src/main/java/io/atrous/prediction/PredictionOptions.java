package io.atrous.prediction;

import java.nio.file.Path;

/**
 * What is written for each image.
 *
 * @param folder the folder of all results
 * @param overlay which pictures of the classes over the image
 * @param confidence true if there is a confidence map; the engine must give one then
 */
public record PredictionOptions(Path folder, Picture overlay, boolean confidence) {

  /** The formats of a stored picture. */
  public enum Picture {
    JPG,
    PNG,
    NONE
  }
}
