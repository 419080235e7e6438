package io.atrous.prediction;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The results of an image.
 *
 * @param image the image
 * @param width the width of the image, in pixels
 * @param height the height of the image, in pixels
 * @param mask the file of the mask
 * @param overlay the file of the picture, or null if none was asked for
 * @param confidence the file of the confidence map, or null if none was asked for
 * @param shares the share of the image that each class covers, the largest first; absent classes
 *     are left out
 */
public record Prediction(
    NamedImage image,
    int width,
    int height,
    Path mask,
    @Nullable Path overlay,
    @Nullable Path confidence,
    List<ClassShare> shares) {

  public Prediction {
    shares = List.copyOf(shares);
  }

  /**
   * A class in an image.
   *
   * @param name the name of the class
   * @param share the share of the image that it covers, above 0, to 1
   */
  public record ClassShare(String name, double share) {}
}
