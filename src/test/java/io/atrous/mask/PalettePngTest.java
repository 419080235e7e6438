package io.atrous.mask;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PalettePngTest {

  private static final int[] COLOURS = {0x804080, 0x000000, 0xFFFFFF, 0x00FF01};

  @ParameterizedTest
  @CsvSource({"1, 1", "7, 3", "64, 36", "513, 513"})
  void anotherDecoderReadsTheColoursAndTheIndices(int width, int height) throws IOException {
    byte[] values = new byte[width * height];
    Random random = new Random(7);
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) random.nextInt(COLOURS.length);
    }

    BufferedImage read = read(PalettePng.encode(new Mask(width, height, values), COLOURS));

    assertThat(read.getColorModel()).isInstanceOf(IndexColorModel.class);
    assertThat(read.getWidth()).isEqualTo(width);
    for (int i = 0; i < values.length; i++) {
      int x = i % width;
      int y = i / width;
      assertThat(read.getRGB(x, y) & 0xFFFFFF).isEqualTo(COLOURS[values[i]]);
      assertThat(read.getRaster().getSample(x, y, 0)).isEqualTo(values[i]);
    }
  }

  @Test
  void aLabelWithoutAColourIsBlack() throws IOException {
    byte[] values = {(byte) 255, 4};

    BufferedImage read = read(PalettePng.encode(new Mask(2, 1, values), COLOURS));

    assertThat(read.getRGB(0, 0)).isEqualTo(0xFF000000);
    assertThat(read.getRGB(1, 0)).isEqualTo(0xFF000000);
  }

  private static BufferedImage read(byte[] png) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(png));
  }
}
