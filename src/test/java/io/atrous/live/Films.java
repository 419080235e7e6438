package io.atrous.live;

import io.atrous.event.DeadLetterReason;
import io.atrous.frame.FrameGeometry;
import io.atrous.inference.EngineMask;
import io.atrous.inference.Segmentation;
import io.atrous.model.ClassCatalog;
import io.atrous.model.ResizePolicy;
import io.atrous.model.SegmentationClass;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Frames of one grey with masks of vertical bands, told to a tap as the service's pipeline does.
 */
final class Films {

  static final int WIDTH = 64;
  static final int HEIGHT = 36;

  /** The network's input is padded to the right and at the bottom. */
  static final FrameGeometry GEOMETRY =
      new FrameGeometry(16 * WIDTH, 16 * HEIGHT, WIDTH, WIDTH, ResizePolicy.FIT);

  static final ClassCatalog CLASSES =
      new ClassCatalog(
          List.of(
              new SegmentationClass("road", 0x804080),
              new SegmentationClass("<b>sky</b>", 0x4682B4),
              new SegmentationClass("vehicle", 0x00008E)));

  private static final Map<Integer, ByteBuffer> INPUTS = new ConcurrentHashMap<>();
  private static final Map<Integer, byte[]> LABELS = new ConcurrentHashMap<>();

  private Films() {}

  private static ByteBuffer input(int grey) {
    ByteBuffer input = ByteBuffer.allocateDirect(WIDTH * WIDTH * 3);
    for (int i = 0; i < WIDTH * HEIGHT * 3; i++) {
      input.put(i, (byte) grey);
    }
    return input;
  }

  private static byte[] labels(int number) {
    byte[] labels = new byte[WIDTH * WIDTH];
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
      labels[i] = (byte) label(i % WIDTH, number);
    }
    return labels;
  }

  /** The class of a column, in the picture with that number. */
  static int label(int x, int number) {
    return (x / 8 + number) % CLASSES.size();
  }

  /**
   * Has a frame go its whole way.
   *
   * @param reason of the dead letter that it becomes; null for a mask
   */
  static void send(
      LiveTap tap,
      String camera,
      long arrivedNanos,
      int grey,
      int number,
      @Nullable DeadLetterReason reason) {
    LiveFrame frame = tap.begin(camera, arrivedNanos);
    if (reason == null) {
      byte[] labels = LABELS.computeIfAbsent(number, Films::labels);
      frame.hasPixels(INPUTS.computeIfAbsent(grey, Films::input), GEOMETRY);
      frame.hasMask(new Segmentation(new EngineMask(labels, null), 1, 4, 0, 0), GEOMETRY, CLASSES);
    }
    frame.isAnswered(reason);
  }
}
