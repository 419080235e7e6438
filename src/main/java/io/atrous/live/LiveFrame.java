package io.atrous.live;

import io.atrous.event.DeadLetterReason;
import io.atrous.frame.FrameGeometry;
import io.atrous.inference.Segmentation;
import io.atrous.model.ClassCatalog;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One frame on its way through the service, as the live page follows it.
 *
 * <p><b>Threading:</b> one stage of the frame's way tells it at a time.
 */
public interface LiveFrame {

  /** Follows no frame. */
  LiveFrame NONE =
      new LiveFrame() {
        @Override
        public void hasPixels(ByteBuffer input, FrameGeometry geometry) {}

        @Override
        public void hasMask(
            Segmentation segmentation, FrameGeometry geometry, ClassCatalog classes) {}

        @Override
        public void isAnswered(@Nullable DeadLetterReason reason) {}
      };

  /**
   * The frame's pixels are there; they are copied if somebody looks.
   *
   * @param input uint8 [inputHeight, inputWidth, 3] RGB; only read, and only now
   */
  void hasPixels(ByteBuffer input, FrameGeometry geometry);

  /**
   * The network has labelled the frame.
   *
   * @param classes the model's
   */
  void hasMask(Segmentation segmentation, FrameGeometry geometry, ClassCatalog classes);

  /**
   * The frame has its outcome.
   *
   * @param reason why it is a dead letter; null for a mask
   */
  void isAnswered(@Nullable DeadLetterReason reason);
}
