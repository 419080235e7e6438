package io.atrous.live;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the page says of the service beside its cameras.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param model null before one is loaded
 * @param lagSeconds age of the oldest frame without an outcome; null if it is not measured yet
 */
public record ServiceFacts(@Nullable ServedFacts model, @Nullable Double lagSeconds) {

  /**
   * The model that labels frames now.
   *
   * @param sha256 its digest
   * @param devices where it runs
   * @param maxBatchFrames the most frames of a batch
   */
  public record ServedFacts(
      String name,
      String version,
      String sha256,
      String precision,
      String devices,
      int maxBatchFrames,
      List<ClassColour> classes) {}

  /**
   * A class in the legend.
   *
   * @param colour as CSS writes it, such as {@code #804080}
   */
  public record ClassColour(String name, String colour) {}
}
