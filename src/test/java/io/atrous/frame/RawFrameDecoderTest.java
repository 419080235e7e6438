package io.atrous.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.atrous.frame.FrameRejectedException.Reason;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class RawFrameDecoderTest {

  private final FrameDecoder decoder = new FrameDecoder(DecodeLimits.DEFAULT);

  @Test
  void rgb24IsTakenAsItIs() throws Exception {
    RgbImage image = Pictures.noise(7, 5, new Random(11));

    assertThat(Pictures.bytes(decode(PayloadEncoding.RGB24, 7, 5, Pictures.bytes(image))))
        .isEqualTo(Pictures.bytes(image));
  }

  @Test
  void bgr24HasItsChannelsSwapped() throws Exception {
    RgbImage decoded = decode(PayloadEncoding.BGR24, 2, 1, bytes(1, 2, 3, 253, 254, 255));

    assertThat(decoded.rgb(0, 0)).isEqualTo(0x030201);
    assertThat(decoded.rgb(1, 0)).isEqualTo(0xFFFEFD);
  }

  @Test
  void gray8BecomesThreeEqualChannels() throws Exception {
    RgbImage decoded = decode(PayloadEncoding.GRAY8, 1, 3, bytes(0, 128, 255));

    assertThat(decoded.rgb(0, 0)).isZero();
    assertThat(decoded.rgb(0, 1)).isEqualTo(0x808080);
    assertThat(decoded.rgb(0, 2)).isEqualTo(0xFFFFFF);
  }

  // Y, U, V of BT.601 limited range: 16 is black, 235 white; red is 81, 90, 240, and so on.
  @ParameterizedTest
  @CsvSource({
    "16, 128, 128, 0x000000",
    "235, 128, 128, 0xFFFFFF",
    "126, 128, 128, 0x808080",
    "81, 90, 240, 0xFF0000",
    "145, 54, 34, 0x00FF00",
    "41, 240, 110, 0x0000FF",
    "210, 16, 146, 0xFFFF00",
  })
  void lumaAndChromaAreBt601InLimitedRange(int y, int u, int v, int rgb) throws Exception {
    RgbImage nv12 = decode(PayloadEncoding.NV12, 2, 2, bytes(y, y, y, y, u, v));
    RgbImage i420 = decode(PayloadEncoding.I420, 2, 2, bytes(y, y, y, y, u, v));

    for (int shift = 0; shift <= 16; shift += 8) {
      int expected = rgb >> shift & 0xFF;
      assertThat(nv12.rgb(1, 1) >> shift & 0xFF).isBetween(expected - 2, expected + 2);
      assertThat(i420.rgb(1, 1) >> shift & 0xFF).isBetween(expected - 2, expected + 2);
    }
  }

  static Stream<Arguments> yuvFrames() {
    return Stream.of(PayloadEncoding.values())
        .filter(PayloadEncoding::isYuv)
        .flatMap(
            encoding ->
                Stream.of(ColourRange.values())
                    .flatMap(
                        range ->
                            Stream.of(ColourMatrix.values())
                                .map(matrix -> Arguments.of(encoding, range, matrix))));
  }

  @ParameterizedTest
  @MethodSource("yuvFrames")
  void coloursAreThoseOfTheStandard(
      PayloadEncoding encoding, ColourRange range, ColourMatrix matrix) throws Exception {
    int width = 34;
    int height = 18;
    byte[] payload = new byte[(int) encoding.sizeBytes(new ImageSize(width, height))];
    new Random(61).nextBytes(payload);

    RgbImage decoded =
        decoder.decode(
            new EncodedFrame(
                encoding, width, height, new YuvColour(range, matrix), ByteBuffer.wrap(payload)));

    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int[] yuv = sample(encoding, payload, width, height, x, y);
        double[] rgb = standard(range, matrix, yuv);
        for (int channel = 0; channel < 3; channel++) {
          assertThat((double) (decoded.rgb(x, y) >> (16 - 8 * channel) & 0xFF))
              .as("channel %d of pixel %d, %d", channel, x, y)
              .isCloseTo(rgb[channel], within(1.0));
        }
      }
    }
  }

  /** Where Linux' video API puts luma and chroma (V4L2's YU12, NV12, NV21, YUYV and UYVY). */
  private static int[] sample(
      PayloadEncoding encoding, byte[] bytes, int width, int height, int x, int y) {
    int pixels = width * height;
    int shared = y / 2 * width + x / 2 * 2;
    int pair = (y * width + x / 2 * 2) * 2;
    int second = x % 2 * 2;
    int[] at =
        switch (encoding) {
          case I420 ->
              new int[] {
                y * width + x,
                pixels + y / 2 * (width / 2) + x / 2,
                pixels * 5 / 4 + y / 2 * (width / 2) + x / 2
              };
          case NV12 -> new int[] {y * width + x, pixels + shared, pixels + shared + 1};
          case NV21 -> new int[] {y * width + x, pixels + shared + 1, pixels + shared};
          case YUYV -> new int[] {pair + second, pair + 1, pair + 3};
          case UYVY -> new int[] {pair + 1 + second, pair, pair + 2};
          default -> throw new IllegalArgumentException(encoding.name());
        };
    return IntStream.of(at).map(position -> bytes[position] & 0xFF).toArray();
  }

  /** ITU-T H.273, equations 20 to 40, the other way round; luma below black is black. */
  private static double[] standard(ColourRange range, ColourMatrix matrix, int[] yuv) {
    boolean full = range == ColourRange.FULL;
    double kr = matrix == ColourMatrix.BT601 ? 0.299 : 0.2126;
    double kb = matrix == ColourMatrix.BT601 ? 0.114 : 0.0722;
    double luma = full ? yuv[0] / 255.0 : Math.max(0, yuv[0] - 16) / 219.0;
    double u = (yuv[1] - 128) / (full ? 255.0 : 224.0);
    double v = (yuv[2] - 128) / (full ? 255.0 : 224.0);
    double red = luma + 2 * (1 - kr) * v;
    double blue = luma + 2 * (1 - kb) * u;
    double green = (luma - kr * red - kb * blue) / (1 - kr - kb);
    return DoubleStream.of(red, green, blue)
        .map(share -> Math.max(0, Math.min(1, share)) * 255)
        .toArray();
  }

  @Test
  void chromaLiesWhereTheEncodingPutsIt() throws Exception {
    // 4x4: the upper left quarter red, the rest blue.
    byte[] luma = bytes(81, 81, 41, 41, 81, 81, 41, 41, 41, 41, 41, 41, 41, 41, 41, 41);
    byte[] nv12 = join(luma, bytes(90, 240, 240, 110, 240, 110, 240, 110));
    byte[] i420 = join(luma, bytes(90, 240, 240, 240), bytes(240, 110, 110, 110));

    RgbImage fromNv12 = decode(PayloadEncoding.NV12, 4, 4, nv12);
    byte[] pixelsOfNv12 = Pictures.bytes(fromNv12);
    assertThat(fromNv12.rgb(1, 1) >> 16).isGreaterThan(250);
    assertThat(fromNv12.rgb(2, 1) & 0xFF).isGreaterThan(250);
    assertThat(fromNv12.rgb(1, 2) & 0xFF).isGreaterThan(250);

    assertThat(Pictures.bytes(decode(PayloadEncoding.I420, 4, 4, i420))).isEqualTo(pixelsOfNv12);
  }

  @Test
  void aPackedFrameMayHaveAnOddHeight() throws Exception {
    assertThat(decode(PayloadEncoding.YUYV, 2, 1, bytes(235, 128, 16, 128)).rgb(0, 0))
        .isEqualTo(0xFFFFFF);
    assertThat(decode(PayloadEncoding.UYVY, 2, 1, bytes(128, 235, 128, 16)).rgb(1, 0)).isZero();
  }

  @Test
  void aColourOfAnotherNameIsUnsupported() {
    assertThatExceptionOfType(FrameRejectedException.class)
        .isThrownBy(() -> ColourMatrix.named("UNKNOWN"))
        .withMessage("the frame's colour matrix is not known here")
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED_ENCODING));
    assertThatExceptionOfType(FrameRejectedException.class)
        .isThrownBy(() -> ColourRange.named("UNKNOWN"))
        .withMessage("the frame's colour range is not known here");
  }

  @Test
  void aDirectPayloadIsAsGoodAsAHeapOne() throws Exception {
    ByteBuffer payload = ByteBuffer.allocateDirect(10);
    payload.put(4, bytes(9, 8, 7)).position(4).limit(7);

    RgbImage decoded = decoder.decode(new EncodedFrame(PayloadEncoding.BGR24, 1, 1, payload));

    assertThat(decoded.rgb(0, 0)).isEqualTo(0x070809);
  }

  @ParameterizedTest
  @CsvSource({
    "RGB24, , 4, 48",
    "RGB24, 4, , 48",
    "RGB24, 0, 4, 48",
    "RGB24, 4, -4, 48",
    "RGB24, -4, -4, 48",
    "RGB24, 4, 4, 47",
    "BGR24, 4, 4, 49",
    "GRAY8, 4, 4, 48",
    "NV12, 3, 4, 18",
    "NV12, 4, 3, 18",
    "I420, 1, 2, 3",
    "I420, 4, 4, 16",
    "NV21, 4, 3, 18",
    "NV21, 4, 4, 32",
    "YUYV, 3, 4, 24",
    "YUYV, 4, 4, 24",
    "UYVY, 3, 4, 24",
    "UYVY, 4, 4, 48",
  })
  void theSizeMustBeStatedAndFitThePayload(
      PayloadEncoding encoding, @Nullable Integer width, @Nullable Integer height, int sizeBytes) {
    assertThat(rejection(encoding, width, height, sizeBytes).reason())
        .isEqualTo(Reason.INVALID_DIMENSIONS);
  }

  @ParameterizedTest
  @EnumSource(
      names = {"JPEG", "PNG"},
      mode = EnumSource.Mode.EXCLUDE)
  void aSizeOverTheLimitIsTooLarge(PayloadEncoding encoding) {
    assertThat(rejection(encoding, 65536, 65536, 12).reason()).isEqualTo(Reason.TOO_LARGE);
    assertThat(rejection(encoding, Integer.MAX_VALUE, Integer.MAX_VALUE, 12).reason())
        .isEqualTo(Reason.TOO_LARGE);
  }

  private RgbImage decode(PayloadEncoding encoding, int width, int height, byte[] payload)
      throws FrameRejectedException {
    return decoder.decode(new EncodedFrame(encoding, width, height, ByteBuffer.wrap(payload)));
  }

  private FrameRejectedException rejection(
      PayloadEncoding encoding, @Nullable Integer width, @Nullable Integer height, int sizeBytes) {
    EncodedFrame frame = new EncodedFrame(encoding, width, height, ByteBuffer.allocate(sizeBytes));
    return assertThatExceptionOfType(FrameRejectedException.class)
        .isThrownBy(() -> decoder.decode(frame))
        .actual();
  }

  private static byte[] join(byte[]... parts) {
    ByteBuffer joined = ByteBuffer.allocate(Stream.of(parts).mapToInt(part -> part.length).sum());
    Stream.of(parts).forEach(joined::put);
    return joined.array();
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int at = 0; at < values.length; at++) {
      bytes[at] = (byte) values[at];
    }
    return bytes;
  }
}
