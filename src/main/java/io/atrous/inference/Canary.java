package io.atrous.inference;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An image whose labels are known, since the engine gave them at start: what tells an engine that
 * is broken from an image that is.
 *
 * <p>It is always asked for alone, at start and later, so that the same kernels run: those of
 * larger batches may round otherwise. Even so {@value #TOLERANCE} of its pixels may change, since a
 * library that is short of memory may choose another algorithm, and pixels between two classes then
 * tip. A device that answers garbage changes more than that, unless the labels are all one class;
 * so among a few images the first is taken that shows more, as far as the network sees more in any.
 *
 * <p><b>Threading:</b> confined to the lane of its engine.
 */
final class Canary {

  static final double TOLERANCE = 0.01;

  private static final Logger LOG = LoggerFactory.getLogger(Canary.class);

  /** Patches along the shorter side, of the images to choose from. */
  private static final List<Integer> PATCHES = List.of(4, 16, 2);

  /** As many of an image's pixels besides its largest class are enough. */
  private static final double TELLING = 0.1;

  private static final long SEED = 20_240_229;

  private final ByteBuffer image;
  private final byte[] labels;
  private final double minority;

  private Canary(ByteBuffer image, byte[] labels, double minority) {
    this.image = image;
    this.labels = labels;
    this.minority = minority;
  }

  /**
   * Finds the image and has it labelled.
   *
   * @param engine sound and warm
   */
  static Canary of(SegmentationEngine engine) {
    Canary best = labelled(engine, patchwork(engine.profile(), PATCHES.get(0)));
    for (int patches : PATCHES.subList(1, PATCHES.size())) {
      if (best.minority >= TELLING) {
        break;
      }
      Canary next = labelled(engine, patchwork(engine.profile(), patches));
      best = next.minority > best.minority ? next : best;
    }
    if (best.minority == 0) {
      LOG.info("The network sees one class in every known image: it would tell less of garbage");
    }
    return best;
  }

  private static Canary labelled(SegmentationEngine engine, ByteBuffer image) {
    byte[] labels = labels(engine, image);
    return new Canary(image, labels, minority(labels));
  }

  /**
   * Whether an engine still labels the image as it did at start.
   *
   * @throws RuntimeException what the engine throws
   */
  boolean isLabelledAsAtStart(SegmentationEngine engine) {
    return changedFraction(engine) <= TOLERANCE;
  }

  /**
   * The part of the pixels, 0 to 1, that an engine labels otherwise than they were at start.
   *
   * @throws RuntimeException what the engine throws
   */
  double changedFraction(SegmentationEngine engine) {
    byte[] now = labels(engine, image);
    int changed = Math.abs(now.length - labels.length);
    for (int i = 0; i < Math.min(now.length, labels.length); i++) {
      if (now[i] != labels[i]) {
        changed++;
      }
    }
    return (double) changed / labels.length;
  }

  /** The part of the pixels that is not of the largest class. */
  private static double minority(byte[] labels) {
    int[] pixels = new int[256];
    int largest = 0;
    for (byte label : labels) {
      largest = Math.max(largest, ++pixels[Byte.toUnsignedInt(label)]);
    }
    return 1 - (double) largest / labels.length;
  }

  private static byte[] labels(SegmentationEngine engine, ByteBuffer image) {
    return engine.segment(List.of(image)).get(0).labels();
  }

  private static ByteBuffer patchwork(EngineProfile engine, int patches) {
    int height = engine.inputHeight();
    int width = engine.inputWidth();
    int side = Math.max(1, Math.min(height, width) / patches);
    int columns = (width + side - 1) / side;
    byte[] colours = new byte[(height + side - 1) / side * columns * 3];
    new SplittableRandom(SEED).nextBytes(colours);
    ByteBuffer image = ByteBuffer.allocateDirect(height * width * 3);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int patch = y / side * columns + x / side;
        image.put((y * width + x) * 3, colours, 3 * patch, 3);
      }
    }
    return image;
  }
}
