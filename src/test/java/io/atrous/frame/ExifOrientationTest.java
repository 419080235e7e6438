package io.atrous.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.atrous.model.ResizePolicy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pictures that say how they were held. */
final class ExifOrientationTest {

  private static final int WIDTH = 48;
  private static final int HEIGHT = 32;
  private static final RgbImage STORED = Pictures.noise(WIDTH, HEIGHT, new Random(51));
  private static final byte[] PNG = FrameEncoder.png(STORED);
  private static final byte[] JPEG = FrameEncoder.jpeg(Pictures.gradient(WIDTH, HEIGHT), 95);

  private final FrameDecoder applying =
      new FrameDecoder(DecodeLimits.DEFAULT, OrientationPolicy.APPLY);
  private final FrameDecoder ignoring = new FrameDecoder(DecodeLimits.DEFAULT);

  static Stream<Arguments> orientations() {
    return Stream.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)
        .flatMap(
            order -> IntStream.rangeClosed(1, 8).mapToObj(number -> Arguments.of(order, number)));
  }

  @ParameterizedTest
  @MethodSource("orientations")
  void aPngIsTurnedUpright(ByteOrder order, int number) throws Exception {
    byte[] png = pngWith(exif(order, 3, number));

    FittedFrame fitted =
        applying.decode(frame(PayloadEncoding.PNG, png), ExifOrientationTest::whole);

    assertThat(fitted.geometry().orientation().number()).isEqualTo(number);
    assertUpright(fitted.picture(), STORED, number);
    assertThat(fitted.geometry().frameWidth()).isEqualTo(fitted.picture().width());
    assertThat(fitted.geometry().frameHeight()).isEqualTo(fitted.picture().height());
    assertThat(Pictures.bytes(ignoring.decode(frame(PayloadEncoding.PNG, png))))
        .isEqualTo(Pictures.bytes(STORED));
  }

  @ParameterizedTest
  @MethodSource("orientations")
  void aJpegIsTurnedUpright(ByteOrder order, int number) throws Exception {
    byte[] jpeg = jpegWith(exif(order, 3, number));
    RgbImage stored = copy(ignoring.decode(frame(PayloadEncoding.JPEG, JPEG)));

    assertUpright(applying.decode(frame(PayloadEncoding.JPEG, jpeg)), stored, number);
    assertThat(Pictures.bytes(ignoring.decode(frame(PayloadEncoding.JPEG, jpeg))))
        .isEqualTo(Pictures.bytes(stored));
  }

  /** The reduction is that of the upright picture in the network's input. */
  @ParameterizedTest
  @MethodSource("orientations")
  void aReducedJpegIsTurnedUpright(ByteOrder order, int number) throws Exception {
    byte[] jpeg = jpegWith(exif(order, 3, number));
    RgbImage stored =
        copy(ignoring.decode(frame(PayloadEncoding.JPEG, JPEG), input(12, 8)).picture());
    assertThat(stored.width()).isEqualTo(WIDTH / 2);

    FittedFrame fitted =
        applying.decode(
            frame(PayloadEncoding.JPEG, jpeg), number > 4 ? input(8, 12) : input(12, 8));

    assertUpright(fitted.picture(), stored, number);
    assertThat(fitted.geometry().frameWidth()).isEqualTo(number > 4 ? HEIGHT : WIDTH);
  }

  /** Encoders write the number as a byte, a short and a long. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4})
  void theNumberMayBeOfAnySize(int type) throws Exception {
    for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      assertThat(orientation(jpegWith(exif(order, type, 6)))).isEqualTo(6);
    }
  }

  @Test
  void otherSegmentsAndEntriesDoNotHideIt() throws Exception {
    byte[] xmp = "http://ns.adobe.com/xap/1.0/\0<x/>".getBytes(StandardCharsets.ISO_8859_1);
    byte[] jpeg = jpegWith(exif(ByteOrder.BIG_ENDIAN, 3, 8));
    jpeg = JpegParts.inserted(jpeg, 2, JpegParts.segment(JpegMarkers.APP1, xmp));
    jpeg = JpegParts.inserted(jpeg, 2, JpegParts.segment(JpegMarkers.APP1));

    assertThat(orientation(jpeg)).isEqualTo(8);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 9, 255, 65535})
  void aNumberThatIsNoneSaysNothing(int number) throws Exception {
    assertThat(orientation(jpegWith(exif(ByteOrder.BIG_ENDIAN, 3, number)))).isEqualTo(1);
  }

  @Test
  void damagedDataSaysNothingAndHarmsNothing() throws Exception {
    Random random = new Random(52);
    byte[] sound = exif(ByteOrder.LITTLE_ENDIAN, 3, 6);
    for (int length = 0; length < sound.length; length++) {
      byte[] cut = Arrays.copyOf(sound, length);
      assertThat(orientation(jpegWith(cut))).as("%d bytes", length).isIn(1, 6);
      assertThat(orientation(PayloadEncoding.PNG, pngWith(cut))).isIn(1, 6);
    }
    for (int round = 0; round < 2000; round++) {
      byte[] damaged = sound.clone();
      for (int i = 0; i < 3; i++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      assertThatCode(() -> orientation(jpegWith(damaged))).doesNotThrowAnyException();
    }
    // A directory of 65535 entries in the first bytes, and one far outside.
    byte[] many =
        ByteBuffer.allocate(60)
            .put("MM\0*\0\0\0\10".getBytes(StandardCharsets.ISO_8859_1))
            .putShort((short) -1)
            .array();
    assertThat(orientation(jpegWith(many))).isEqualTo(1);
    assertThat(orientation(jpegWith("MM\0*\177ÿÿÿ".getBytes(StandardCharsets.ISO_8859_1))))
        .isEqualTo(1);
    assertThat(orientation(jpegWith("MM\0*ÿÿÿÿ".getBytes(StandardCharsets.ISO_8859_1))))
        .isEqualTo(1);
  }

  @Test
  void aRawFrameHasNone() throws Exception {
    EncodedFrame raw = new EncodedFrame(PayloadEncoding.RGB24, WIDTH, HEIGHT, STORED.pixels());

    assertThat(applying.decode(raw, ExifOrientationTest::whole).geometry().orientation())
        .isEqualTo(Orientation.TOP_LEFT);
  }

  /** Where a pixel of the upright picture lies in the stored one, as the standard draws it. */
  private static void assertUpright(RgbImage upright, RgbImage stored, int number) {
    int width = number > 4 ? stored.height() : stored.width();
    int height = number > 4 ? stored.width() : stored.height();
    assertThat(upright.width()).isEqualTo(width);
    assertThat(upright.height()).isEqualTo(height);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int expected =
            switch (number) {
              case 1 -> stored.rgb(x, y);
              case 2 -> stored.rgb(width - 1 - x, y);
              case 3 -> stored.rgb(width - 1 - x, height - 1 - y);
              case 4 -> stored.rgb(x, height - 1 - y);
              case 5 -> stored.rgb(y, x);
              case 6 -> stored.rgb(y, width - 1 - x);
              case 7 -> stored.rgb(height - 1 - y, width - 1 - x);
              default -> stored.rgb(height - 1 - y, x);
            };
        assertThat(upright.rgb(x, y)).as("pixel %d, %d", x, y).isEqualTo(expected);
      }
    }
  }

  private int orientation(byte[] jpeg) throws FrameRejectedException {
    return orientation(PayloadEncoding.JPEG, jpeg);
  }

  private int orientation(PayloadEncoding encoding, byte[] payload) throws FrameRejectedException {
    return applying
        .decode(frame(encoding, payload), ExifOrientationTest::whole)
        .geometry()
        .orientation()
        .number();
  }

  private static EncodedFrame frame(PayloadEncoding encoding, byte[] payload) {
    return EncodedFrame.compressed(encoding, payload);
  }

  private static FrameGeometry whole(int width, int height) {
    return new FrameGeometry(width, height, width, height, ResizePolicy.STRETCH);
  }

  private static FrameDecoder.Placement input(int inputWidth, int inputHeight) {
    return (width, height) ->
        new FrameGeometry(width, height, inputWidth, inputHeight, ResizePolicy.FIT);
  }

  private static RgbImage copy(RgbImage image) {
    RgbImage copy = RgbImage.allocate(image.width(), image.height());
    copy.pixels().put(0, Pictures.bytes(image));
    return copy;
  }

  /** A TIFF directory of three entries, of which the second is the orientation. */
  private static byte[] exif(ByteOrder order, int type, int number) {
    ByteBuffer tiff = ByteBuffer.allocate(8 + 2 + 3 * 12 + 4).order(order);
    tiff.put(order == ByteOrder.BIG_ENDIAN ? new byte[] {'M', 'M'} : new byte[] {'I', 'I'});
    tiff.putShort((short) 42).putInt(8).putShort((short) 3);
    tiff.putShort((short) 0x0100).putShort((short) 3).putInt(1).putInt(0);
    tiff.putShort((short) 0x0112).putShort((short) type).putInt(1);
    switch (type) {
      case 1 -> tiff.put((byte) number).put(new byte[3]);
      case 3 -> tiff.putShort((short) number).putShort((short) 0);
      default -> tiff.putInt(number);
    }
    tiff.putShort((short) 0x0131).putShort((short) 2).putInt(4).putInt(0);
    return tiff.array();
  }

  private static byte[] jpegWith(byte[] tiff) {
    byte[] content =
        ByteBuffer.allocate(6 + tiff.length)
            .put("Exif\0\0".getBytes(StandardCharsets.ISO_8859_1))
            .put(tiff)
            .array();
    return JpegParts.inserted(JPEG, 2, JpegParts.segment(JpegMarkers.APP1, content));
  }

  /** The PNG with an eXIf chunk after its header chunk. */
  private static byte[] pngWith(byte[] tiff) {
    ByteBuffer chunk =
        ByteBuffer.allocate(12 + tiff.length)
            .putInt(tiff.length)
            .put("eXIf".getBytes(StandardCharsets.ISO_8859_1))
            .put(tiff);
    CRC32 checksum = new CRC32();
    checksum.update(chunk.array(), 4, 4 + tiff.length);
    return JpegParts.inserted(PNG, 33, chunk.putInt((int) checksum.getValue()).array());
  }
}
