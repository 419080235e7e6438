package io.atrous.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.atrous.model.ResizePolicy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The whole way of a coordinate: payload, frame, network input, mask, and back to the frame. */
class RectangleRoundTripTest {

  private static final int DARK = 0x101010;
  private static final int BRIGHT = 0xF0F0F0;

  static List<Arguments> frames() {
    List<Arguments> frames = new ArrayList<>();
    int[][] rectangles = {
      // width, height, left, top, right, bottom
      {1920, 1080, 100, 200, 900, 700},
      {1920, 1080, 0, 0, 13, 11},
      {1920, 1080, 1900, 1070, 1920, 1080},
      {640, 640, 17, 31, 600, 99},
      {97, 61, 5, 7, 80, 50},
      {1, 700, 0, 300, 1, 451},
      {700, 1, 300, 0, 451, 1},
    };
    for (int[] rectangle : rectangles) {
      for (ResizePolicy policy : ResizePolicy.values()) {
        for (PayloadEncoding encoding : List.of(PayloadEncoding.JPEG, PayloadEncoding.PNG)) {
          frames.add(Arguments.of(rectangle, policy, encoding));
        }
      }
    }
    return frames;
  }

  @ParameterizedTest
  @MethodSource("frames")
  void aDrawnRectangleIsRecoveredWithinOneMaskPixel(
      int[] rectangle, ResizePolicy policy, PayloadEncoding encoding) throws Exception {
    int width = rectangle[0];
    int height = rectangle[1];
    RgbImage drawn =
        Pictures.rectangle(
            width, height, DARK, BRIGHT, rectangle[2], rectangle[3], rectangle[4], rectangle[5]);
    byte[] payload =
        encoding == PayloadEncoding.JPEG ? FrameEncoder.jpeg(drawn, 95) : FrameEncoder.png(drawn);
    RgbImage frame =
        new FrameDecoder(DecodeLimits.DEFAULT).decode(EncodedFrame.compressed(encoding, payload));
    FrameGeometry geometry = new FrameGeometry(frame.width(), frame.height(), 513, 257, policy);
    RgbImage input = RgbImage.allocate(513, 257);
    new FrameResizer(0x7F7F7F).resize(frame, geometry, input.pixels());

    int left = Integer.MAX_VALUE;
    int top = Integer.MAX_VALUE;
    int right = 0;
    int bottom = 0;
    for (int y = 0; y < geometry.contentHeight(); y++) {
      for (int x = 0; x < geometry.contentWidth(); x++) {
        if ((input.rgb(x, y) >> 8 & 0xFF) >= 128) {
          left = Math.min(left, x);
          top = Math.min(top, y);
          right = Math.max(right, x + 1);
          bottom = Math.max(bottom, y + 1);
        }
      }
    }

    double maskPixelWidth = geometry.toFrameX(1);
    double maskPixelHeight = geometry.toFrameY(1);
    assertThat(geometry.toFrameX(left)).isCloseTo(rectangle[2], within(maskPixelWidth));
    assertThat(geometry.toFrameY(top)).isCloseTo(rectangle[3], within(maskPixelHeight));
    assertThat(geometry.toFrameX(right)).isCloseTo(rectangle[4], within(maskPixelWidth));
    assertThat(geometry.toFrameY(bottom)).isCloseTo(rectangle[5], within(maskPixelHeight));
  }
}
