package io.atrous.frame;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.atrous.fuzz.Allocated;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;

/** Small PNGs that unpack to gigabytes, and what of a PNG reaches its decoder. */
final class PngChunksTest {

  private static final int SIDE = 16;
  private static final int ROW_BYTES = 1 + SIDE * RgbImage.CHANNELS;

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

  private static byte[] picture(byte[] png) throws FrameRejectedException {
    ByteBuffer target = ByteBuffer.allocate(png.length);
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
