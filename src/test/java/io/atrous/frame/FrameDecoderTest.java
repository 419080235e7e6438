package io.atrous.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.atrous.frame.FrameRejectedException.Reason;
import io.atrous.model.ResizePolicy;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameDecoderTest {

  private final FrameDecoder decoder = new FrameDecoder(DecodeLimits.DEFAULT);

  @ParameterizedTest
  @CsvSource({"1920, 1080", "640, 640", "1, 7", "7, 1", "1, 1", "513, 257"})
  void aPngComesBackExactly(int width, int height) throws Exception {
    RgbImage image = Pictures.noise(width, height, new Random(6));

    RgbImage decoded = decode(PayloadEncoding.PNG, FrameEncoder.png(image));

    assertThat(decoded.width()).isEqualTo(width);
    assertThat(decoded.height()).isEqualTo(height);
    assertThat(Pictures.bytes(decoded)).isEqualTo(Pictures.bytes(image));
  }

  @ParameterizedTest
  @CsvSource({"1920, 1080", "640, 640", "1, 100", "100, 1", "513, 257"})
  void aJpegComesBackWithinAFewGreyLevels(int width, int height) throws Exception {
    RgbImage image = Pictures.gradient(width, height);

    RgbImage decoded = decode(PayloadEncoding.JPEG, FrameEncoder.jpeg(image, 98));

    assertThat(decoded.width()).isEqualTo(width);
    assertThat(decoded.height()).isEqualTo(height);
    assertThat(Pictures.largestDifference(decoded, image)).isLessThanOrEqualTo(12);
  }

  /** What a decoder leaves out is what the input is too small to show. */
  @ParameterizedTest
  @CsvSource({
    // frame, input, decoded at
    "1920, 1080, 448, 256, 960, 540",
    "1921, 1081, 448, 256, 961, 541",
    "3840, 2160, 448, 256, 960, 540",
    "1280, 720, 448, 256, 1280, 720",
    "1791, 1023, 448, 256, 896, 512",
    "1786, 1023, 448, 256, 1786, 1023",
    "720, 1280, 448, 256, 360, 640", // only 144 of 448 across are its content
    "16, 16, 1, 1, 2, 2",
    "3, 5, 64, 64, 3, 5",
  })
  void aJpegIsDecodedAtTheFractionThatTheInputNeeds(
      int width, int height, int inputWidth, int inputHeight, int decodedWidth, int decodedHeight)
      throws Exception {
    byte[] jpeg = FrameEncoder.jpeg(Pictures.gradient(width, height), 98);

    FittedFrame fitted =
        decoder.decode(
            EncodedFrame.compressed(PayloadEncoding.JPEG, jpeg), input(inputWidth, inputHeight));

    assertThat(fitted.geometry().frameWidth()).isEqualTo(width);
    assertThat(fitted.geometry().frameHeight()).isEqualTo(height);
    RgbImage picture = fitted.picture();
    assertThat(picture.width()).isEqualTo(decodedWidth);
    assertThat(picture.height()).isEqualTo(decodedHeight);
    assertThat(Pictures.largestDifference(picture, Pictures.gradient(decodedWidth, decodedHeight)))
        .isLessThanOrEqualTo(200 / Math.min(decodedWidth, decodedHeight) + 12);
  }

  @ParameterizedTest
  @EnumSource(
      value = PayloadEncoding.class,
      names = {"PNG", "RGB24"})
  void whatIsNoJpegIsDecodedWhole(PayloadEncoding encoding) throws Exception {
    RgbImage image = Pictures.noise(64, 48, new Random(8));
    EncodedFrame frame =
        encoding == PayloadEncoding.PNG
            ? EncodedFrame.compressed(encoding, FrameEncoder.png(image))
            : new EncodedFrame(encoding, 64, 48, image.pixels());

    FittedFrame fitted = decoder.decode(frame, input(8, 6));

    assertThat(Pictures.bytes(fitted.picture())).isEqualTo(Pictures.bytes(image));
  }

  /** Damage must not pass for being looked at from afar. */
  @Test
  void aDamagedJpegIsRefusedAtAFractionIfItIsRefusedWhole() throws Exception {
    Random random = new Random(9);
    byte[] sound = FrameEncoder.jpeg(Pictures.noise(96, 64, random), 80);
    int refused = 0;
    for (int round = 0; round < 400; round++) {
      byte[] jpeg = Arrays.copyOf(sound, sound.length - random.nextInt(sound.length / 2));
      jpeg[2 + random.nextInt(jpeg.length - 2)] = (byte) random.nextInt();
      EncodedFrame frame = EncodedFrame.compressed(PayloadEncoding.JPEG, jpeg);

      boolean whole = isDecoded(() -> decoder.decode(frame));
      boolean reduced = isDecoded(() -> decoder.decode(frame, input(12, 8)));

      assertThat(reduced).as("round %d", round).isEqualTo(whole);
      refused += whole ? 0 : 1;
    }
    assertThat(refused).isBetween(1, 399);
  }

  private interface Decoding {
    Object run() throws FrameRejectedException;
  }

  private static boolean isDecoded(Decoding decoding) {
    try {
      var unused = decoding.run();
      return true;
    } catch (FrameRejectedException e) {
      return false;
    }
  }

  private static FrameDecoder.Placement input(int width, int height) {
    return (frameWidth, frameHeight) ->
        new FrameGeometry(frameWidth, frameHeight, width, height, ResizePolicy.FIT);
  }

  @Test
  void aProgressiveJpegIsAJpeg() throws Exception {
    BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
    fill(image, 0x2060A0);

    RgbImage decoded = decode(PayloadEncoding.JPEG, progressiveJpeg(image));

    assertThat(decoded.width()).isEqualTo(40);
    assertThat(decoded.height()).isEqualTo(30);
    assertNear(decoded.rgb(20, 15), 0x2060A0);
  }

  @Test
  void aGreyJpegBecomesGreyInRgb() throws Exception {
    BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
    Arrays.fill(((DataBufferByte) image.getRaster().getDataBuffer()).getData(), (byte) 90);

    RgbImage decoded = decode(PayloadEncoding.JPEG, write(image, "jpg"));

    assertNear(decoded.rgb(8, 8), 0x5A5A5A);
  }

  @Test
  void aPalettePngBecomesItsColours() throws Exception {
    byte[] reds = {0, 10, (byte) 200};
    byte[] greens = {0, 20, (byte) 150};
    byte[] blues = {0, 30, 100};
    BufferedImage image =
        new BufferedImage(
            9, 5, BufferedImage.TYPE_BYTE_INDEXED, new IndexColorModel(2, 3, reds, greens, blues));
    image.getRaster().setSample(4, 2, 0, 2);
    image.getRaster().setSample(5, 2, 0, 1);

    RgbImage decoded = decode(PayloadEncoding.PNG, write(image, "png"));

    assertThat(decoded.rgb(4, 2)).isEqualTo(0xC89664);
    assertThat(decoded.rgb(5, 2)).isEqualTo(0x0A141E);
    assertThat(decoded.rgb(0, 0)).isZero();
  }

  @Test
  void aPngsAlphaIsDropped() throws Exception {
    BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_INT_ARGB);
    fill(image, 0x40123456);

    RgbImage decoded = decode(PayloadEncoding.PNG, write(image, "png"));

    assertThat(decoded.rgb(1, 1)).isEqualTo(0x123456);
  }

  @Test
  void aDeepGreyPngKeepsItsUpperBits() throws Exception {
    BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_USHORT_GRAY);
    for (int at = 0; at < 16; at++) {
      image.getRaster().setSample(at % 4, at / 4, 0, 0xABCD);
    }

    RgbImage decoded = decode(PayloadEncoding.PNG, write(image, "png"));

    assertThat(decoded.rgb(2, 2)).isEqualTo(0xABABAB);
  }

  @Test
  void exifOrientationIsIgnored() throws Exception {
    byte[] jpeg = FrameEncoder.jpeg(Pictures.gradient(64, 32), 95);
    byte[] rotated = withSegment(jpeg, 0xE1, exifOrientation(6));

    RgbImage decoded = decode(PayloadEncoding.JPEG, rotated);

    assertThat(decoded.width()).isEqualTo(64);
    assertThat(decoded.height()).isEqualTo(32);
  }

  @Test
  void theImageInAThumbnailIsNotTakenForTheFrame() throws Exception {
    byte[] thumbnail = FrameEncoder.jpeg(Pictures.gradient(8, 8), 80);
    byte[] jpeg = withSegment(FrameEncoder.jpeg(Pictures.gradient(64, 32), 95), 0xE2, thumbnail);

    assertThat(decode(PayloadEncoding.JPEG, jpeg).width()).isEqualTo(64);
  }

  @Test
  void readsThePayloadBetweenPositionAndLimitAndMovesNeither() throws Exception {
    RgbImage image = Pictures.noise(13, 11, new Random(7));
    byte[] png = FrameEncoder.png(image);
    for (ByteBuffer payload :
        new ByteBuffer[] {
          ByteBuffer.allocate(png.length + 50), ByteBuffer.allocateDirect(png.length + 50)
        }) {
      payload.put(20, png).position(20).limit(20 + png.length);

      RgbImage decoded =
          decoder.decode(
              new EncodedFrame(PayloadEncoding.PNG, null, null, payload.asReadOnlyBuffer()));

      assertThat(Pictures.bytes(decoded)).isEqualTo(Pictures.bytes(image));
      assertThat(payload.position()).isEqualTo(20);
    }
  }

  @Test
  void keepsNoTraceOfTheFrameBefore() throws Exception {
    RgbImage small = Pictures.noise(5, 4, new Random(8));
    decode(PayloadEncoding.PNG, FrameEncoder.png(Pictures.noise(300, 200, new Random(9))));

    RgbImage decoded = decode(PayloadEncoding.PNG, FrameEncoder.png(small));

    assertThat(Pictures.bytes(decoded)).isEqualTo(Pictures.bytes(small));
  }

  @Test
  void leavesNoNativeMemoryBehind() throws Exception {
    byte[] sound = FrameEncoder.jpeg(Pictures.gradient(64, 64), 90);
    byte[] broken = Arrays.copyOf(sound, sound.length / 2);
    decode(PayloadEncoding.JPEG, sound);
    long before = Pointer.totalCount();

    for (int round = 0; round < 100; round++) {
      decode(PayloadEncoding.JPEG, sound);
      rejection(PayloadEncoding.JPEG, broken);
    }

    assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(names = {"JPEG", "PNG"})
  void aTruncatedImageIsUndecodable(PayloadEncoding encoding) {
    RgbImage image = Pictures.noise(120, 90, new Random(10));
    byte[] whole =
        encoding == PayloadEncoding.JPEG ? FrameEncoder.jpeg(image, 80) : FrameEncoder.png(image);
    for (int length = 0; length < whole.length * 9 / 10; length += 61) {
      assertThat(rejection(encoding, Arrays.copyOf(whole, length)).reason())
          .as("%d of %d bytes", length, whole.length)
          .isEqualTo(Reason.UNDECODABLE_IMAGE);
    }
  }

  @ParameterizedTest
  @CsvSource({"JPEG, PNG", "PNG, JPEG"})
  void aPayloadMustBeWhatItsEncodingSays(PayloadEncoding stated, PayloadEncoding actual) {
    RgbImage image = Pictures.gradient(8, 8);
    byte[] payload =
        actual == PayloadEncoding.JPEG ? FrameEncoder.jpeg(image, 80) : FrameEncoder.png(image);

    FrameRejectedException rejection = rejection(stated, payload);

    assertThat(rejection.reason()).isEqualTo(Reason.UNDECODABLE_IMAGE);
    assertThat(rejection).hasMessageContaining(stated.name()).hasMessageContaining(actual.name());
  }

  @ParameterizedTest
  @ValueSource(strings = {"bmp", "gif"})
  void noOtherFormatReachesADecoder(String format) throws Exception {
    byte[] payload = write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), format);

    assertThat(rejection(PayloadEncoding.JPEG, payload).reason())
        .isEqualTo(Reason.UNDECODABLE_IMAGE);
    assertThat(rejection(PayloadEncoding.PNG, payload).reason())
        .isEqualTo(Reason.UNDECODABLE_IMAGE);
  }

  @Test
  void aJpegThatClaimsTooManyPixelsIsRefusedUnread() {
    byte[] jpeg = FrameEncoder.jpeg(Pictures.gradient(16, 16), 80);
    int frameHeader = indexOf(jpeg, 0xFF, 0xC0);
    ByteBuffer.wrap(jpeg)
        .putShort(frameHeader + 5, (short) 30000)
        .putShort(frameHeader + 7, (short) 30000);

    FrameRejectedException rejection = rejection(PayloadEncoding.JPEG, jpeg);

    assertThat(rejection.reason()).isEqualTo(Reason.TOO_LARGE);
    assertThat(rejection).hasMessageContaining("30000x30000");
  }

  @Test
  void aPngWithOneFlippedBitIsUndecodable() {
    byte[] png = FrameEncoder.png(Pictures.gradient(16, 16));
    for (int at = 8; at < png.length; at++) {
      byte[] damaged = png.clone();
      damaged[at] ^= 0x10;
      assertThat(rejection(PayloadEncoding.PNG, damaged).reason())
          .isEqualTo(Reason.UNDECODABLE_IMAGE);
    }
  }

  @ParameterizedTest
  @CsvSource({"30000, 30000", "2147483647, 1", "-1, -1", "65536, 65536"})
  void aPngThatClaimsTooManyPixelsIsRefusedUnread(int width, int height) {
    byte[] png = FrameEncoder.png(Pictures.gradient(16, 16));
    claimSize(png, width, height);

    FrameRejectedException rejection = rejection(PayloadEncoding.PNG, png);

    assertThat(rejection.reason()).isEqualTo(Reason.TOO_LARGE);
    assertThat(rejection).hasMessageContaining(Integer.toUnsignedString(width) + "x");
  }

  @Test
  void anImageWithoutPixelsIsRefused() {
    byte[] png = FrameEncoder.png(Pictures.gradient(16, 16));
    claimSize(png, 16, 0);

    assertThat(rejection(PayloadEncoding.PNG, png).reason()).isEqualTo(Reason.INVALID_DIMENSIONS);
  }

  @Test
  void aJpegOfThousandsOfScansIsRefusedUnread() throws Exception {
    BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    byte[] jpeg = progressiveJpeg(image);
    int lastScan = lastIndexOf(jpeg, 0xFF, 0xDA);
    byte[] scan = Arrays.copyOfRange(jpeg, lastScan, jpeg.length - 2);
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    many.write(jpeg, 0, jpeg.length - 2);
    for (int round = 0; round < 5000; round++) {
      many.writeBytes(scan);
    }

    FrameRejectedException rejection = rejection(PayloadEncoding.JPEG, many.toByteArray());

    assertThat(rejection.reason()).isEqualTo(Reason.TOO_LARGE);
    assertThat(rejection).hasMessageContaining("scans");
  }

  @Test
  void limitsAreInclusive() throws Exception {
    byte[] png = FrameEncoder.png(Pictures.gradient(10, 10));
    EncodedFrame frame = EncodedFrame.compressed(PayloadEncoding.PNG, png);

    assertThat(new FrameDecoder(new DecodeLimits(png.length, 100)).decode(frame).width())
        .isEqualTo(10);
    assertRejected(
        new FrameDecoder(new DecodeLimits(png.length - 1, 100)), frame, Reason.TOO_LARGE);
    assertRejected(new FrameDecoder(new DecodeLimits(png.length, 99)), frame, Reason.TOO_LARGE);
  }

  @ParameterizedTest
  @EnumSource
  void anEmptyPayloadIsUndecodable(PayloadEncoding encoding) {
    assertRejected(
        decoder,
        new EncodedFrame(encoding, 2, 2, ByteBuffer.allocate(0)),
        Reason.UNDECODABLE_IMAGE);
  }

  @Test
  void anEncodingOfAnotherNameIsUnsupported() {
    assertThatExceptionOfType(FrameRejectedException.class)
        .isThrownBy(() -> PayloadEncoding.named("WEBP"))
        .withMessageContaining("WEBP")
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED_ENCODING));
  }

  private RgbImage decode(PayloadEncoding encoding, byte[] payload) throws FrameRejectedException {
    return decoder.decode(EncodedFrame.compressed(encoding, payload));
  }

  private FrameRejectedException rejection(PayloadEncoding encoding, byte[] payload) {
    try {
      RgbImage image = decode(encoding, payload);
      throw new AssertionError("decoded to " + image);
    } catch (FrameRejectedException e) {
      return e;
    }
  }

  private static void assertRejected(FrameDecoder decoder, EncodedFrame frame, Reason reason) {
    assertThatExceptionOfType(FrameRejectedException.class)
        .isThrownBy(() -> decoder.decode(frame))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private static void assertNear(int rgb, int expected) {
    for (int shift = 0; shift <= 16; shift += 8) {
      assertThat(rgb >> shift & 0xFF)
          .isBetween((expected >> shift & 0xFF) - 3, (expected >> shift & 0xFF) + 3);
    }
  }

  private static void fill(BufferedImage image, int argb) {
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        image.setRGB(x, y, argb);
      }
    }
  }

  private static byte[] write(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, out)).isTrue();
    return out.toByteArray();
  }

  private static byte[] progressiveJpeg(BufferedImage image) throws IOException {
    Iterator<ImageWriter> writers = ImageIO.getImageWritersByFormatName("jpg");
    ImageWriter writer = writers.next();
    ImageWriteParam parameters = writer.getDefaultWriteParam();
    parameters.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
      writer.setOutput(stream);
      writer.write(null, new IIOImage(image, null, null), parameters);
    } finally {
      writer.dispose();
    }
    return out.toByteArray();
  }

  /** The JPEG with one more segment right after its start. */
  private static byte[] withSegment(byte[] jpeg, int marker, byte[] content) {
    return ByteBuffer.allocate(jpeg.length + content.length + 4)
        .put(jpeg, 0, 2)
        .put((byte) 0xFF)
        .put((byte) marker)
        .putShort((short) (content.length + 2))
        .put(content)
        .put(jpeg, 2, jpeg.length - 2)
        .array();
  }

  /** An EXIF segment whose only entry is the orientation (tag 0x0112, one SHORT). */
  private static byte[] exifOrientation(int orientation) {
    return ByteBuffer.allocate(32)
        .put(new byte[] {'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1})
        .putShort((short) 0x0112)
        .putShort((short) 3)
        .putInt(1)
        .putShort((short) orientation)
        .array();
  }

  /** Rewrites a PNG's header chunk: type at 12, width at 16, height at 20, checksum at 29. */
  private static void claimSize(byte[] png, int width, int height) {
    ByteBuffer.wrap(png).putInt(16, width).putInt(20, height);
    CRC32 checksum = new CRC32();
    checksum.update(png, 12, 17);
    ByteBuffer.wrap(png).putInt(29, (int) checksum.getValue());
  }

  private static int indexOf(byte[] bytes, int first, int second) {
    for (int at = 0; at + 1 < bytes.length; at++) {
      if ((bytes[at] & 0xFF) == first && (bytes[at + 1] & 0xFF) == second) {
        return at;
      }
    }
    throw new AssertionError("not found");
  }

  private static int lastIndexOf(byte[] bytes, int first, int second) {
    for (int at = bytes.length - 2; at >= 0; at--) {
      if ((bytes[at] & 0xFF) == first && (bytes[at + 1] & 0xFF) == second) {
        return at;
      }
    }
    throw new AssertionError("not found");
  }
}
