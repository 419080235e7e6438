package io.atrous.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.atrous.frame.FrameRejectedException.Reason;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JPEGs whose pictures lie between segments and markers that are rare, and legal or harmless. */
final class JpegSegmentsTest {

  private static final int WIDTH = 50;
  private static final int HEIGHT = 34;
  private static final RgbImage IMAGE = Pictures.gradient(WIDTH, HEIGHT);
  private static final byte[] PLAIN = FrameEncoder.jpeg(IMAGE, 90);
  private static final byte[] PROGRESSIVE = JpegParts.of(IMAGE, JpegParts.Option.PROGRESSIVE);

  private final FrameDecoder decoder = new FrameDecoder(DecodeLimits.DEFAULT);

  /** APPn, COM, the JPGn that T.81 reserves, and tables: none says anything. */
  @ParameterizedTest
  @MethodSource("emptySegments")
  void aSegmentOfNoDataSaysNothing(int marker) throws Exception {
    byte[] empty = JpegParts.segment(marker);

    assertPictureIn(JpegParts.inserted(PLAIN, 2, empty));
    assertPictureIn(JpegParts.inserted(PLAIN, JpegParts.indexOf(PLAIN, JpegMarkers.SOS), empty));
    assertPictureIn(JpegParts.inserted(PROGRESSIVE, 2, empty));
    assertPictureIn(
        JpegParts.inserted(
            PROGRESSIVE, JpegParts.lastIndexOf(PROGRESSIVE, JpegMarkers.SOS), empty));
  }

  static IntStream emptySegments() {
    return IntStream.concat(
        IntStream.rangeClosed(0xE0, 0xFE).filter(marker -> marker != 0xF7), // JPEG-LS
        IntStream.of(JpegMarkers.DHT, JpegMarkers.DQT, 0xC8, 0xCC));
  }

  @ParameterizedTest
  @ValueSource(ints = {0xC8, 0xE1, 0xEF, 0xF0, 0xFD, 0xFE})
  void whatASegmentHoldsThatMakesNoPictureIsNotRead(int marker) throws Exception {
    assertPictureIn(
        JpegParts.inserted(PLAIN, 2, JpegParts.segment(marker, 0xFF, 0xD9, 0xFF, 0xDA, 1)));
  }

  /** Fill bytes, TEM, restarts, bytes of no segment, a second start. */
  @ParameterizedTest
  @ValueSource(strings = {"FF", "FFFFFFFFFFFF", "FF01", "FFD0", "FFD7", "00", "0000FF00", "FFD8"})
  void whatIsNoSegmentIsPassedOver(String hex) throws Exception {
    byte[] bytes = HexFormat.of().parseHex(hex);

    assertPictureIn(JpegParts.inserted(PLAIN, JpegParts.indexOf(PLAIN, JpegMarkers.DQT), bytes));
    assertPictureIn(JpegParts.inserted(PLAIN, JpegParts.indexOf(PLAIN, JpegMarkers.SOS), bytes));
    assertPictureIn(JpegParts.inserted(PLAIN, PLAIN.length - 2, bytes));
  }

  @Test
  void markersInAScanMayBeFilledUp() throws Exception {
    byte[] jpeg = JpegParts.of(IMAGE, JpegParts.Option.RESTARTS);
    byte[] fill = {(byte) 0xFF, (byte) 0xFF};

    assertPictureIn(JpegParts.inserted(jpeg, JpegParts.lastIndexOf(jpeg, JpegMarkers.RST0), fill));
    assertPictureIn(JpegParts.inserted(jpeg, jpeg.length - 2, fill));
  }

  @Test
  void aRestartIntervalOfNothingIsNone() throws Exception {
    byte[] none = JpegParts.segment(JpegMarkers.DRI, 0, 0);

    assertPictureIn(JpegParts.inserted(PLAIN, JpegParts.indexOf(PLAIN, JpegMarkers.SOS), none));
  }

  @Test
  void aSegmentMayHoldSeveralTables() throws Exception {
    for (int marker : new int[] {JpegMarkers.DQT, JpegMarkers.DHT}) {
      byte[] joined = JpegParts.joined(PLAIN, marker);

      assertThat(joined).hasSizeLessThan(PLAIN.length);
      assertPictureIn(joined);
    }
  }

  @Test
  void theHeightMayFollowTheFirstScan() throws Exception {
    byte[] dnl = JpegParts.segment(JpegMarkers.DNL, 0, HEIGHT);
    for (byte[] sound : new byte[][] {PLAIN, PROGRESSIVE}) {
      byte[] stated = JpegParts.inserted(sound, JpegParts.endOfFirstScan(sound), dnl);
      assertPictureIn(stated);

      ByteBuffer.wrap(stated).putShort(JpegParts.startOfFrame(stated) + 5, (short) 0);
      assertPictureIn(stated);
    }
  }

  @Test
  void aHeightThatIsNeverStatedIsNone() {
    byte[] jpeg = PLAIN.clone();
    ByteBuffer.wrap(jpeg).putShort(JpegParts.startOfFrame(jpeg) + 5, (short) 0);

    assertThat(rejection(jpeg).reason()).isEqualTo(Reason.INVALID_DIMENSIONS);
  }

  /** As cameras write them: an index of further pictures, and the pictures after the first. */
  @Test
  void picturesInsideAndBehindAreNotTheFrame() throws Exception {
    byte[] small = FrameEncoder.jpeg(Pictures.gradient(8, 8), 80);
    for (byte[] sound : new byte[][] {PLAIN, PROGRESSIVE}) {
      for (int marker = JpegMarkers.APP0; marker <= 0xEF; marker++) {
        assertPictureIn(JpegParts.inserted(sound, 2, JpegParts.segment(marker, small)));
      }
      assertPictureIn(JpegParts.inserted(sound, sound.length, small));
      assertPictureIn(JpegParts.inserted(sound, sound.length, new byte[1000]));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "C3, lossless",
    "C5, hierarchical",
    "C6, hierarchical",
    "C7, hierarchical",
    "C9, arithmetic",
    "CA, arithmetic",
    "CB, arithmetic",
    "CD, hierarchical",
    "CE, hierarchical",
    "CF, hierarchical",
    "DE, hierarchical",
    "F7, JPEG-LS",
  })
  void aProcessThatNobodyCanDecodeIsNamed(String marker, String name) {
    byte[] jpeg = PLAIN.clone();
    jpeg[JpegParts.startOfFrame(jpeg) + 1] = HexFormat.of().parseHex(marker)[0];

    FrameRejectedException rejection = rejection(jpeg);

    assertThat(rejection.reason()).isEqualTo(Reason.UNSUPPORTED_ENCODING);
    assertThat(rejection).hasMessageContaining(name);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 12, 16})
  void aDepthOtherThanEightBitsIsNamed(int bits) {
    byte[] jpeg = PLAIN.clone();
    jpeg[JpegParts.startOfFrame(jpeg) + 4] = (byte) bits;

    FrameRejectedException rejection = rejection(jpeg);

    assertThat(rejection.reason()).isEqualTo(Reason.UNSUPPORTED_ENCODING);
    assertThat(rejection).hasMessageContaining(bits + " bits");
  }

  @Test
  void twoFrameHeadersAreNoPicture() {
    byte[] header = JpegParts.segment(JpegMarkers.SOF0);

    assertThat(
            rejection(JpegParts.inserted(PLAIN, JpegParts.indexOf(PLAIN, JpegMarkers.SOS), header)))
        .hasMessageContaining("two frame headers");
  }

  private void assertPictureIn(byte[] jpeg) throws FrameRejectedException {
    RgbImage decoded = decoder.decode(EncodedFrame.compressed(PayloadEncoding.JPEG, jpeg));

    assertThat(decoded.width()).isEqualTo(WIDTH);
    assertThat(decoded.height()).isEqualTo(HEIGHT);
    assertThat(Pictures.largestDifference(decoded, IMAGE)).isLessThanOrEqualTo(16);
  }

  private FrameRejectedException rejection(byte[] jpeg) {
    return assertThatExceptionOfType(FrameRejectedException.class)
        .isThrownBy(() -> decoder.decode(EncodedFrame.compressed(PayloadEncoding.JPEG, jpeg)))
        .actual();
  }
}
