package io.atrous.dataset.scene;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.dataset.LabeledImage;
import io.atrous.dataset.scene.Conditions.Hardship;
import io.atrous.frame.RgbImage;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConditionsTest {

  private static final int SCENES = 24;
  private static final int WIDTH = 160;
  private static final int HEIGHT = 90;

  private static Hardship hardship(Conditions conditions, int index) {
    return conditions.hardship(SplittableHash.of(Split.TEST, 3, index));
  }

  private static LabeledImage frame(Conditions conditions, int index) {
    return SyntheticScene.of(Split.TEST, 3, index, conditions).render(2, WIDTH, HEIGHT);
  }

  /** The frames of one hardship, as they are and as they would be in usual conditions. */
  private record Pair(LabeledImage hard, LabeledImage usual) {}

  private static List<Pair> pairs(Hardship hardship) {
    List<Pair> pairs = new ArrayList<>();
    for (int index = 0; index < SCENES; index++) {
      if (hardship(Conditions.HARD, index) == hardship) {
        pairs.add(new Pair(frame(Conditions.HARD, index), frame(Conditions.USUAL, index)));
      }
    }
    return pairs;
  }

  @Test
  void haveOneHardshipWhereTheyAreHardAndNoneElsewhere() {
    Set<Hardship> met = EnumSet.noneOf(Hardship.class);
    for (int index = 0; index < SCENES; index++) {
      assertThat(hardship(Conditions.USUAL, index)).isEqualTo(Hardship.NONE);
      met.add(hardship(Conditions.HARD, index));
    }

    assertThat(met).containsExactlyInAnyOrder(Hardship.NIGHT, Hardship.RAIN, Hardship.COLOURS);
  }

  @Test
  void changeThePictureButNotWhatIsInIt() {
    for (int index = 0; index < SCENES; index++) {
      LabeledImage usual = frame(Conditions.USUAL, index);
      LabeledImage hard = frame(Conditions.HARD, index);

      assertThat(hard.labels().values()).isEqualTo(usual.labels().values());
      assertThat(hard.image().pixels()).isNotEqualTo(usual.image().pixels());
      assertThat(hard.image().pixels()).isEqualTo(frame(Conditions.HARD, index).image().pixels());
    }
  }

  @Test
  void areDarkByNight() {
    for (Pair pair : pairs(Hardship.NIGHT)) {
      assertThat(mean(pair.hard())).isLessThan(Math.min(100, 0.8 * mean(pair.usual())));
    }
  }

  @Test
  void hideInRainWhatIsFarAway() {
    for (Pair pair : pairs(Hardship.RAIN)) {
      assertThat(contrast(pair.hard())).isLessThan(contrast(pair.usual()));
    }
  }

  @Test
  void leaveGroundAndPlantsTheirColoursAndHousesAndTrafficNone() {
    for (Pair pair : pairs(Hardship.COLOURS)) {
      int[] repainted = new int[StreetClass.values().length];
      for (int at = 0; at < WIDTH * HEIGHT; at++) {
        if (!sameColour(pair.hard().image(), pair.usual().image(), at)) {
          repainted[pair.hard().labels().values()[at]]++;
        }
      }
      for (StreetClass kept :
          List.of(
              StreetClass.ROAD, StreetClass.PAVEMENT, StreetClass.VEGETATION, StreetClass.SKY)) {
        assertThat(repainted[kept.index()]).as("%s", kept).isZero();
      }
      assertThat(repainted[StreetClass.BUILDING.index()]).isPositive();
    }
  }

  private static boolean sameColour(RgbImage one, RgbImage other, int at) {
    return IntStream.range(0, RgbImage.CHANNELS)
        .map(channel -> RgbImage.CHANNELS * at + channel)
        .allMatch(i -> one.pixels().get(i) == other.pixels().get(i));
  }

  private static double mean(LabeledImage image) {
    return values(image).average().orElseThrow();
  }

  /** The mean difference between neighbours in a column. */
  private static double contrast(LabeledImage image) {
    int[] values = values(image).toArray();
    int row = RgbImage.CHANNELS * WIDTH;
    return IntStream.range(row, values.length)
        .map(at -> Math.abs(values[at] - values[at - row]))
        .average()
        .orElseThrow();
  }

  private static IntStream values(LabeledImage image) {
    return IntStream.range(0, image.image().pixels().capacity())
        .map(at -> image.image().pixels().get(at) & 0xFF);
  }
}
