package io.atrous.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Java's own encoder stores is read back. */
class PngValuesTest {

  private static final int[] COLOURS = new Random(5).ints(256, 0, 1 << 24).toArray();

  private final Random random = new Random(7);

  @ParameterizedTest
  @CsvSource({
    "1, false",
    "2, false",
    "4, false",
    "8, false",
    "1, true",
    "2, true",
    "4, true",
    "8, true"
  })
  void keepsIndicesOfPalettes(int bits, boolean interlaced) throws Exception {
    for (int size : new int[] {1, 3, 5, 8, 17, 33}) {
      BufferedImage image = indexed(size, 2 * size - 1, bits);

      PngValues read = read(png(image, interlaced));

      assertThat(read.kind()).isEqualTo(PngValues.Kind.PALETTE);
      assertThat(read.width()).isEqualTo(size);
      assertThat(read.height()).isEqualTo(2 * size - 1);
      assertThat(read.values()).isEqualTo(samples(image));
      assertThat(read.paletteColour(1)).isEqualTo(OptionalInt.of(COLOURS[1]));
      assertThat(read.paletteColour(1 << bits)).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    BufferedImage.TYPE_BYTE_GRAY + ", false",
    BufferedImage.TYPE_USHORT_GRAY + ", false",
    BufferedImage.TYPE_BYTE_GRAY + ", true",
    BufferedImage.TYPE_USHORT_GRAY + ", true"
  })
  void keepsShadesOfGreyOf8And16Bits(int type, boolean interlaced) throws Exception {
    BufferedImage image = new BufferedImage(19, 13, type);
    fill(image.getRaster(), type == BufferedImage.TYPE_BYTE_GRAY ? 256 : 65536);

    PngValues read = read(png(image, interlaced));

    assertThat(read.kind()).isEqualTo(PngValues.Kind.GREY);
    assertThat(read.values()).isEqualTo(samples(image));
  }

  @ParameterizedTest
  @CsvSource({
    BufferedImage.TYPE_INT_RGB + ", false",
    BufferedImage.TYPE_INT_ARGB + ", false",
    BufferedImage.TYPE_INT_RGB + ", true",
    BufferedImage.TYPE_INT_ARGB + ", true"
  })
  void keepsColoursWithoutTheirAlpha(int type, boolean interlaced) throws Exception {
    BufferedImage image = new BufferedImage(11, 7, type);
    int[] colours = random.ints(77).toArray();
    image.setRGB(0, 0, 11, 7, colours, 0, 11);

    PngValues read = read(png(image, interlaced));

    assertThat(read.kind()).isEqualTo(PngValues.Kind.COLOUR);
    assertThat(read.values()).isEqualTo(Arrays.stream(colours).map(c -> c & 0xFFFFFF).toArray());
  }

  @Test
  void readsAllFiveFilters() throws Exception {
    // A gradient in both directions, where the encoder's choice differs from row to row.
    BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < 64; y++) {
      for (int x = 0; x < 64; x++) {
        image.getRaster().setSample(x, y, 0, y % 3 == 0 ? x * 4 : y % 3 == 1 ? y * 4 : x * y / 16);
      }
    }

    assertThat(read(png(image, false)).values()).isEqualTo(samples(image));
  }

  @Test
  void refusesWhatIsCutOffDamagedOrTooLarge() throws Exception {
    byte[] png = png(indexed(40, 30, 8), false);

    assertRejected(Arrays.copyOf(png, png.length / 2), DecodeLimits.DEFAULT, "PNG is incomplete");
    byte[] damaged = png.clone();
    damaged[png.length - 30] ^= 1;
    assertRejected(damaged, DecodeLimits.DEFAULT, "a chunk's checksum is wrong");
    assertRejected(png, new DecodeLimits(1 << 20, 1199), "claims 40x30 pixels; the limit is 1199");
    assertRejected(png, new DecodeLimits(100, 1200), "the limit is 100");
    assertRejected(
        "GIF89a".getBytes(StandardCharsets.US_ASCII), DecodeLimits.DEFAULT, "like a PNG");
  }

  @Test
  void refusesColoursOf16BitsRatherThanRoundThem() throws Exception {
    byte[] png = png(indexed(4, 4, 8), false);
    ByteBuffer header = ByteBuffer.wrap(png);
    header.put(24, (byte) 16).put(25, (byte) 2);
    CRC32 checksum = new CRC32();
    checksum.update(png, 12, 17);
    header.putInt(29, (int) checksum.getValue());

    assertRejected(png, DecodeLimits.DEFAULT, "16 bits for each of red, green and blue");
  }

  private static void assertRejected(byte[] png, DecodeLimits limits, String part) {
    assertThatExceptionOfType(FrameRejectedException.class)
        .isThrownBy(() -> PngValues.read(ByteBuffer.wrap(png), limits))
        .withMessageContaining(part);
  }

  private static PngValues read(byte[] png) throws FrameRejectedException {
    return PngValues.read(ByteBuffer.wrap(png), DecodeLimits.DEFAULT);
  }

  private BufferedImage indexed(int width, int height, int bits) {
    int colours = 1 << bits;
    IndexColorModel palette =
        new IndexColorModel(
            bits, colours, Arrays.copyOf(COLOURS, colours), 0, false, -1, DataBuffer.TYPE_BYTE);
    BufferedImage image =
        new BufferedImage(
            width,
            height,
            bits == 8 ? BufferedImage.TYPE_BYTE_INDEXED : BufferedImage.TYPE_BYTE_BINARY,
            palette);
    fill(image.getRaster(), colours);
    return image;
  }

  private void fill(WritableRaster raster, int bound) {
    for (int y = 0; y < raster.getHeight(); y++) {
      for (int x = 0; x < raster.getWidth(); x++) {
        raster.setSample(x, y, 0, random.nextInt(bound));
      }
    }
  }

  private static int[] samples(BufferedImage image) {
    return image.getRaster().getSamples(0, 0, image.getWidth(), image.getHeight(), 0, (int[]) null);
  }

  private static byte[] png(BufferedImage image, boolean interlaced) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      parameters.setProgressiveMode(
          interlaced ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
      writer.write(null, new IIOImage(image, null, null), parameters);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
