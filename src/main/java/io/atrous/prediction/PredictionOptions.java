package io.atrous.prediction;

import java.nio.file.Path;

/**
 * What is written for each image.
 *
 * @param folder where everything goes
 * @param overlay which pictures of the classes over the image
 * @param confidence whether there is a confidence map; the engine must give one then
 */
public record PredictionOptions(Path folder, Picture overlay, boolean confidence) {

  /** How a picture is stored. */
  public enum Picture {
    JPG,
    PNG,
    NONE
  }
}
