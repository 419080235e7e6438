package io.atrous.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.atrous.frame.FrameRejectedException.Reason;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

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
  })
  void theSizeMustBeStatedAndFitThePayload(
      PayloadEncoding encoding, @Nullable Integer width, @Nullable Integer height, int sizeBytes) {
    assertThat(rejection(encoding, width, height, sizeBytes).reason())
        .isEqualTo(Reason.INVALID_DIMENSIONS);
  }

  @ParameterizedTest
  @EnumSource(names = {"RGB24", "BGR24", "GRAY8", "NV12", "I420"})
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
