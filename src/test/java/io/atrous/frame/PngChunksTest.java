package io.atrous.frame;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.atrous.fuzz.Allocated;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Small PNGs that unpack to gigabytes, and what of a PNG reaches its decoder. */
final class PngChunksTest {

  private static final int SIDE = 16;
  private static final int ROW_BYTES = 1 + SIDE * RgbImage.CHANNELS;
  private static final int CHECKSUM_BYTES = 4;

  /** The bytes of the chunk that ends a PNG. */
  private static final int ENDING_BYTES = 12;

  @Test
  void aPictureThatUnpacksToMoreThanItsSizeIsRefusedWithoutUnpackingIt() throws Exception {
    byte[] bomb = png(chunk("IDAT", packed(512 << 20)));

    long before = Allocated.bytes();
    assertThatExceptionOfType(FrameRejectedException.class)
        .isThrownBy(() -> picture(bomb))
        .withMessage("the PNG packs more than an image of its size needs");
    assertThat(Allocated.bytes() - before).as("heap taken").isLessThan(16 << 20);
  }

  @Test
  void soIsOneThatIsSpreadOverManyChunks() throws Exception {
    byte[] packed = packed(64 << 20);
    ByteArrayOutputStream chunks = new ByteArrayOutputStream();
    for (int at = 0; at < packed.length; at += 100) {
      chunks.writeBytes(
          chunk("IDAT", Arrays.copyOfRange(packed, at, Math.min(at + 100, packed.length))));
    }

    assertThatExceptionOfType(FrameRejectedException.class)
        .isThrownBy(() -> picture(png(chunks.toByteArray())))
        .withMessageContaining("packs more");
  }

  @Test
  void textsProfilesAndAnimationsDoNotReachTheDecoder() throws Exception {
    byte[] idat = chunk("IDAT", packed(SIDE * ROW_BYTES));
    byte[] text = chunk("zTXt", concatenated("Comment\0\0".getBytes(US_ASCII), packed(7 << 20)));
    byte[] profile = chunk("iCCP", concatenated("p\0\0".getBytes(US_ASCII), packed(7 << 20)));
    byte[] transparent = chunk("tRNS", new byte[6]);

    byte[] picture =
        picture(png(text, profile, chunk("acTL", new byte[8]), transparent, idat, text));

    assertThat(picture).isEqualTo(png(transparent, idat));
  }

  @Test
  void picturesOfEveryKindAreWhole() throws Exception {
    FrameDecoder decoder = new FrameDecoder(DecodeLimits.DEFAULT);
    Random random = new Random(8);
    for (int round = 0; round < 100; round++) {
      RgbImage image = Pictures.noise(1 + random.nextInt(70), 1 + random.nextInt(70), random);
      byte[] png = FrameEncoder.png(image);

      RgbImage decoded = decoder.decode(EncodedFrame.compressed(PayloadEncoding.PNG, png));

      assertThat(Pictures.bytes(decoded)).isEqualTo(Pictures.bytes(image));
    }
  }

  /** Whatever its end: cut in its last chunk, or between chunks, or before a checksum. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("kinds")
  void aPictureIsReadIfEveryPixelIsThere(String name, byte[] png) throws Exception {
    byte[] sound = decoded(png);
    int end = png.length - ENDING_BYTES;

    assertThat(decoded(concatenated(png, new byte[100]))).isEqualTo(sound);
    for (int length = end - CHECKSUM_BYTES; length < png.length; length++) {
      assertThat(decoded(Arrays.copyOf(png, length)))
          .as("%d of %d bytes", length, png.length)
          .isEqualTo(sound);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kinds")
  void aPictureThatIsCutAnywhereElseIsRefused(String name, byte[] png) {
    for (int length = 0; length < png.length - ENDING_BYTES - 20; length++) {
      byte[] cut = Arrays.copyOf(png, length);

      assertThatExceptionOfType(FrameRejectedException.class)
          .as("%d of %d bytes", length, png.length)
          .isThrownBy(() -> decoded(cut));
    }
  }

  static Stream<Arguments> kinds() throws IOException {
    RgbImage noise = Pictures.noise(19, 13, new Random(41));
    byte[] png = FrameEncoder.png(noise);
    return Stream.of(
        Arguments.of("plain", png),
        Arguments.of("one pixel", FrameEncoder.png(Pictures.noise(1, 1, new Random(42)))),
        Arguments.of("grey", written(BufferedImage.TYPE_BYTE_GRAY, false)),
        Arguments.of("two colours", written(BufferedImage.TYPE_BYTE_BINARY, false)),
        Arguments.of("alpha", written(BufferedImage.TYPE_INT_ARGB, false)),
        Arguments.of("deep", written(BufferedImage.TYPE_USHORT_GRAY, false)),
        Arguments.of("interlaced", written(BufferedImage.TYPE_INT_RGB, true)),
        Arguments.of("interlaced, two colours", written(BufferedImage.TYPE_BYTE_BINARY, true)));
  }

  @Test
  void itSaysHowManyRowsAreThere() throws Exception {
    byte[] rows = packed(7 * ROW_BYTES);

    assertThatExceptionOfType(FrameRejectedException.class)
        .isThrownBy(() -> picture(png(chunk("IDAT", rows))))
        .withMessage("the PNG is incomplete: 7 of its 16 rows are there");
  }

  @Test
  void emptyAndUnknownChunksSayNothing() throws Exception {
    byte[] packed = packed(SIDE * ROW_BYTES);
    byte[] empty = chunk("IDAT", new byte[0]);
    byte[] first = chunk("IDAT", Arrays.copyOf(packed, 5));
    byte[] rest = chunk("IDAT", Arrays.copyOfRange(packed, 5, packed.length));

    byte[] png =
        png(
            chunk("prIv", new byte[9]),
            chunk("coOl", new byte[0]),
            empty,
            first,
            empty,
            rest,
            empty);

    assertThat(decoded(png)).containsOnly(0).hasSize(SIDE * SIDE * RgbImage.CHANNELS);
  }

  private static byte[] decoded(byte[] png) throws FrameRejectedException {
    FrameDecoder decoder = new FrameDecoder(DecodeLimits.DEFAULT);
    return Pictures.bytes(decoder.decode(EncodedFrame.compressed(PayloadEncoding.PNG, png)));
  }

  private static byte[] written(int type, boolean interlaced) throws IOException {
    BufferedImage image = new BufferedImage(19, 13, type);
    Random random = new Random(43);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        image.setRGB(x, y, random.nextInt());
      }
    }
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      if (interlaced) {
        parameters.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
      }
      writer.setOutput(stream);
      writer.write(null, new IIOImage(image, null, null), parameters);
    } finally {
      writer.dispose();
    }
    return out.toByteArray();
  }

  private static byte[] picture(byte[] png) throws FrameRejectedException {
    ByteBuffer target = ByteBuffer.allocate(png.length + PngChunks.ADDED_BYTES);
    var unused = PngChunks.read(ByteBuffer.wrap(png));
    PngChunks.copyPicture(ByteBuffer.wrap(png), target);
    return Arrays.copyOf(target.array(), target.position());
  }

  /** A PNG of 16 by 16 pixels of RGB, around these chunks. */
  private static byte[] png(byte[]... chunks) {
    byte[] header =
        ByteBuffer.allocate(13).putInt(SIDE).putInt(SIDE).put((byte) 8).put((byte) 2).array();
    return concatenated(
        new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10},
        chunk("IHDR", header),
        concatenated(chunks),
        chunk("IEND", new byte[0]));
  }

  private static byte[] chunk(String type, byte[] data) {
    byte[] named = concatenated(type.getBytes(US_ASCII), data);
    CRC32 checksum = new CRC32();
    checksum.update(named);
    return ByteBuffer.allocate(8 + named.length)
        .putInt(data.length)
        .put(named)
        .putInt((int) checksum.getValue())
        .array();
  }

  /** That many zeros. */
  private static byte[] packed(int bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
    try (DeflaterOutputStream out = new DeflaterOutputStream(packed, deflater)) {
      byte[] zeros = new byte[1 << 16];
      for (int left = bytes; left > 0; left -= zeros.length) {
        out.write(zeros, 0, Math.min(left, zeros.length));
      }
    } finally {
      deflater.end();
    }
    return packed.toByteArray();
  }

  private static byte[] concatenated(byte[]... parts) {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      whole.writeBytes(part);
    }
    return whole.toByteArray();
  }
}
