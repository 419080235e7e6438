package io.atrous.prediction;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.frame.RgbImage;
import io.atrous.mask.Mask;
import io.atrous.mask.Point;
import io.atrous.mask.Polygon;
import io.atrous.model.ClassCatalog;
import io.atrous.model.SegmentationClass;
import java.util.List;
import org.junit.jupiter.api.Test;

class OverlayTest {

  private static final ClassCatalog CLASSES =
      new ClassCatalog(
          List.of(new SegmentationClass("road", 0x800000), new SegmentationClass("car", 0x0000FF)));

  @Test
  void tintsEachPixelWithTheClassAtItsCentre() {
    // A mask of 2x1 over a frame of 5x2: columns 0 and 1 are road, 2 is car by half a pixel.
    RgbImage painted =
        new Overlay(RgbImage.allocate(5, 2))
            .tint(new Mask(2, 1, new byte[] {0, 1}), CLASSES, 0.5)
            .image();

    assertThat(painted.rgb(0, 0)).isEqualTo(0x400000);
    assertThat(painted.rgb(1, 1)).isEqualTo(0x400000);
    assertThat(painted.rgb(2, 0)).isEqualTo(0x000080);
    assertThat(painted.rgb(4, 1)).isEqualTo(0x000080);
  }

  @Test
  void leavesPixelsOfNoClassAlone() {
    RgbImage frame = RgbImage.allocate(1, 1);
    frame.setRgb(0, 0, 0x123456);

    RgbImage painted = new Overlay(frame).tint(new Mask(1, 1, new byte[] {-1}), CLASSES, 1).image();

    assertThat(painted.rgb(0, 0)).isEqualTo(0x123456);
  }

  @Test
  void drawsOutlinesWhereTheyRunAndNowhereElse() {
    Polygon square =
        new Polygon(
            List.of(new Point(10, 10), new Point(30, 10), new Point(30, 30), new Point(10, 30)),
            List.of(),
            0);
    RgbImage frame = RgbImage.allocate(40, 40);
    for (int at = 0; at < 1600; at++) {
      frame.setRgb(at % 40, at / 40, 0x808080);
    }

    RgbImage painted = new Overlay(frame).outline(square, 0x00FF00).image();

    for (int along = 10; along < 30; along++) {
      for (int[] pixel : new int[][] {{along, 10}, {along, 29}, {10, along}, {29, along}}) {
        assertThat(painted.rgb(pixel[0], pixel[1]) >> 8 & 0xFF).isGreaterThan(180);
        assertThat(painted.rgb(pixel[0], pixel[1]) & 0xFF).isLessThan(60);
      }
    }
    assertThat(painted.rgb(20, 20)).isEqualTo(0x808080);
    assertThat(painted.rgb(5, 5)).isEqualTo(0x808080);
    assertThat(frame.rgb(10, 20)).isEqualTo(0x808080);
  }

  @Test
  void outlinesMayReachBeyondTheFrame() {
    Polygon around =
        new Polygon(List.of(new Point(-5, -5), new Point(15, 3), new Point(4, 12)), List.of(), 0);

    assertThat(new Overlay(RgbImage.allocate(10, 6)).outline(around, 0xFFFFFF).image().rgb(9, 1))
        .isNotZero();
  }
}
