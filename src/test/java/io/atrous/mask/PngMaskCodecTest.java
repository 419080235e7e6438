package io.atrous.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class PngMaskCodecTest {

  private final PngMaskCodec codec = new PngMaskCodec();

  @Test
  void anyReaderReadsIt() throws Exception {
    Mask mask = Masks.noise(37, 23, 256, new Random(28));

    BufferedImage image = ImageIO.read(new ByteArrayInputStream(codec.encode(mask)));

    assertThat(image.getType()).isEqualTo(BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < 23; y++) {
      for (int x = 0; x < 37; x++) {
        assertThat(image.getRaster().getSample(x, y, 0)).isEqualTo(mask.get(x, y));
      }
    }
  }

  @Test
  void readsWhatOthersWriteWithTheirFilters() throws Exception {
    // Shades, for which writers choose filters.
    BufferedImage image = new BufferedImage(64, 48, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < 48; y++) {
      for (int x = 0; x < 64; x++) {
        image.getRaster().setSample(x, y, 0, shade(x, y));
      }
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(image, "png", png);

    Mask mask = codec.decode(png.toByteArray(), 64, 48);

    for (int y = 0; y < 48; y++) {
      for (int x = 0; x < 64; x++) {
        assertThat(mask.get(x, y)).isEqualTo(shade(x, y));
      }
    }
  }

  @Test
  void refusesColour() throws Exception {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB), "png", png);

    assertThatExceptionOfType(MaskFormatException.class)
        .isThrownBy(() -> codec.decode(png.toByteArray(), 4, 4))
        .withMessageContaining("8-bit grey of 4x4");
  }

  private static int shade(int x, int y) {
    return (2 * x + y + x * y % 3) % 256;
  }
}
