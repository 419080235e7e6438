package io.atrous.dataset.scene;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CanvasTest {

  /** At the origin, level, looking along the street; a metre at 10 m is 2 of 20 pixels. */
  private static final Viewpoint VIEW = Viewpoint.of(new Vec(0, 0, 0), 0, 0, 0, 1);

  private static final Illumination LIGHT =
      Illumination.of(
          SplittableHash.of(1),
          new Skyline(-1e6, 1e6, new double[Skyline.LENGTH], new double[Skyline.LENGTH]),
          Conditions.Hardship.NONE);

  private static final Material WHITE = fragment -> paint(fragment, 0.9);
  private static final Material BLACK = fragment -> paint(fragment, 0);
  private static final Material RIGHT_HALF = fragment -> fragment.u > 0 && paint(fragment, 0.9);

  private static boolean paint(Fragment fragment, double grey) {
    fragment.paint(Colour.grey(grey), 1);
    return true;
  }

  private static Surface square(int label, double depth, double half, Material material) {
    return Surface.across(label, depth, -half, half, -half, half, material);
  }

  @Test
  void coversThePixelsWhoseCentresSeeTheSurface() {
    Canvas canvas = new Canvas(20, 10, VIEW, LIGHT);

    // A square of 3 m at 10 m: 6 pixels, from column 7 to 12 and row 2 to 7.
    canvas.draw(square(1, 10, 1.5, WHITE));

    assertThat(grid(canvas, 20))
        .isEqualTo(
            """
            ....................
            ....................
            .......111111.......
            .......111111.......
            .......111111.......
            .......111111.......
            .......111111.......
            .......111111.......
            ....................
            ....................
            """);
  }

  @Test
  void keepsTheNearestOfColourAndClassInWhateverOrderTheyAreDrawn() {
    Surface near = square(1, 5, 0.5, BLACK);
    Surface far = square(2, 10, 3, WHITE);
    Canvas nearFirst = new Canvas(20, 10, VIEW, LIGHT);
    Canvas farFirst = new Canvas(20, 10, VIEW, LIGHT);

    nearFirst.draw(near);
    nearFirst.draw(far);
    farFirst.draw(far);
    farFirst.draw(near);

    assertThat(nearFirst.labels()).isEqualTo(farFirst.labels());
    assertThat(nearFirst.rgb()).isEqualTo(farFirst.rgb());
    for (int at = 0; at < nearFirst.labels().length; at++) {
      boolean dark = (nearFirst.rgb()[at] & 0xFF) < 100;
      assertThat(nearFirst.labels()[at] == 2).as("pixel %d", at).isEqualTo(!dark);
    }
  }

  @Test
  void showsThroughAHoleWhatIsBehind() {
    Canvas canvas = new Canvas(20, 2, VIEW, LIGHT);

    canvas.draw(List.of(square(2, 20, 100, BLACK), square(1, 10, 100, RIGHT_HALF)));

    assertThat(grid(canvas, 20))
        .isEqualTo(
            """
            22222222221111111111
            22222222221111111111
            """);
  }

  @Test
  void cutsOffWhatReachesBehindTheCamera() {
    Viewpoint above = Viewpoint.of(new Vec(0, 2, 0), 0, 0, 0, 1);
    Canvas canvas = new Canvas(20, 10, above, LIGHT);

    canvas.draw(Surface.ground(3, -1000, 1000, -50, 1e9, BLACK));
    canvas.drawSky(4);

    String sky = "4".repeat(20) + "\n";
    String ground = "3".repeat(20) + "\n";
    assertThat(grid(canvas, 20)).isEqualTo(sky.repeat(5) + ground.repeat(5));
  }

  @Test
  void doesNotShowTheBackOfAWall() {
    Canvas canvas = new Canvas(20, 10, VIEW, LIGHT);

    canvas.draw(Surface.along(1, -2, 1, 100, -5, 5, -1, WHITE));

    assertThat(canvas.labels()).containsOnly(Canvas.NOTHING);
  }

  @Test
  void darkensOnlyTheGroundUnderAShadow() {
    Viewpoint above = Viewpoint.of(new Vec(0, 2, 0), 0, 0.3, 0, 1);
    Canvas canvas = new Canvas(40, 20, above, LIGHT);
    canvas.draw(Surface.ground(0, -1000, 1000, -50, 1e9, WHITE));
    canvas.draw(Surface.across(1, 6, -0.2, 0.2, 0, 1, WHITE));
    int[] before = canvas.rgb().clone();

    canvas.shadow(new ShadowCaster(new Vec(0, 0.5, 7), new Vec(1, 0.5, 1), false));

    int darker = 0;
    for (int at = 0; at < before.length; at++) {
      int change = (canvas.rgb()[at] & 0xFF) - (before[at] & 0xFF);
      assertThat(change).isLessThanOrEqualTo(0);
      if (change < -8) {
        darker++;
        assertThat(canvas.labels()[at]).isEqualTo((byte) 0);
      }
    }
    assertThat(darker).isPositive();
  }

  private static String grid(Canvas canvas, int width) {
    StringBuilder text = new StringBuilder();
    for (int at = 0; at < canvas.labels().length; at++) {
      byte label = canvas.labels()[at];
      text.append(label == Canvas.NOTHING ? "." : label);
      if ((at + 1) % width == 0) {
        text.append('\n');
      }
    }
    return text.toString();
  }
}
