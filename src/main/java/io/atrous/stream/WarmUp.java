package io.atrous.stream;

import io.atrous.batching.Arrival;
import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import io.atrous.frame.DecodeLimits;
import io.atrous.frame.FrameEncoder;
import io.atrous.frame.FrameGeometry;
import io.atrous.frame.OrientationPolicy;
import io.atrous.frame.RgbImage;
import io.atrous.inference.Segmentation;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * A picture of no camera. A worker that has decoded and encoded it some times has its libraries
 * loaded and its code compiled; the first frames would otherwise wait for that, on a loaded machine
 * for seconds.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class WarmUp {

  private static final int WIDTH = 1280;
  private static final int HEIGHT = 720;
  private static final int PATCH = 40;
  private static final int JPEG_QUALITY = 85;
  private static final int TIMES = 50;

  private final FrameEvent event;

  /** Draws the picture and loads what makes a JPEG of it. */
  public WarmUp() {
    RgbImage image = RgbImage.allocate(WIDTH, HEIGHT);
    SplittableRandom random = new SplittableRandom(1);
    for (int top = 0; top < HEIGHT; top += PATCH) {
      for (int left = 0; left < WIDTH; left += PATCH) {
        int rgb = random.nextInt(1 << 24);
        for (int y = top; y < top + PATCH; y++) {
          for (int x = left; x < left + PATCH; x++) {
            image.setRgb(x, y, rgb);
          }
        }
      }
    }
    this.event =
        new FrameEvent(
            "warm-up",
            "warm-up",
            0L,
            Instant.EPOCH,
            FrameEncoding.JPEG,
            null,
            null,
            ByteBuffer.wrap(FrameEncoder.jpeg(image, JPEG_QUALITY)),
            Map.of(),
            null,
            null);
  }

  /**
   * Has the network at work once, and decoding and encoding some times; what comes out goes
   * nowhere.
   *
   * <p>The decoder is its own: the picture may be more than the service's limits allow of a frame.
   *
   * @param model what a frame would have taken
   * @param encoder of that model's events
   * @param slot for the picture
   */
  void run(ServedModel model, OutcomeEncoder encoder, ByteBuffer slot, Arrival arrival) {
    SourceRecord record =
        new SourceRecord("warm-up", 0, 0, 0, null, null, new RecordHeaders(), "warm-up");
    ByteBuffer jpeg = (ByteBuffer) event.getPayload();
    FrameReader reader =
        new FrameReader(
            (topic, value) -> event,
            FrameLimits.of(new DecodeLimits(jpeg.remaining(), WIDTH * HEIGHT)),
            OrientationPolicy.IGNORE);
    try {
      FrameGeometry geometry = reader.pixels(event, jpeg, model.fit(), slot);
      Segmentation segmentation = model.segmenter().segment(slot, arrival).join();
      for (int time = 0; time < TIMES; time++) {
        reader.pixels(event, jpeg, model.fit(), slot);
        var unused = encoder.results(record, new DecodedFrame(event, geometry, 0), segmentation, 0);
      }
    } catch (RejectedFrameException e) {
      throw new IllegalStateException("a picture of our own is refused", e);
    }
  }
}
