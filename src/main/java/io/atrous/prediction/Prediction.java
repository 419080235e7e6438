package io.atrous.prediction;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of an image.
 *
 * @param image the image
 * @param width of the image, in pixels
 * @param height of the image, in pixels
 * @param mask where the mask was written
 * @param overlay where the picture was written, or null if none was asked for
 * @param confidence where the confidence map was written, or null if none was asked for
 * @param shares how much of the image each class covers, the largest first; absent classes are left
 *     out
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
   * @param name of the class
   * @param share of the image that it covers, above 0, to 1
   */
  public record ClassShare(String name, double share) {}
}
