package io.atrous.dataset.scene;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.dataset.LabeledImage;
import io.atrous.mask.Mask;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class SyntheticSceneTest {

  private static final int CLASSES = StreetClass.values().length;

  @Test
  void isAPureFunctionOfSplitSeedIndexAndTime() {
    LabeledImage once = SyntheticScene.of(Split.TEST, 1, 5).render(2.5, 160, 90);
    SceneCamera camera = SyntheticScene.of(Split.TEST, 1, 5).camera(160, 90);
    camera.frame(1);
    LabeledImage again = camera.frame(2.5);

    assertThat(again.image().pixels()).isEqualTo(once.image().pixels());
    assertThat(again.labels().values()).isEqualTo(once.labels().values());
  }

  @Test
  void drawsThePixelsThatTheShippedModelWasMeasuredOn() {
    CRC32 checksum = new CRC32();
    for (int index = 0; index < 4; index++) {
      LabeledImage frame = SyntheticScene.of(Split.TEST, 1, index).render(3, 320, 180);
      checksum.update(frame.image().pixels().duplicate());
      checksum.update(frame.labels().values());
    }

    // Whoever changes what is drawn changes this, trains anew, and says so in docs/street-model.md.
    assertThat(checksum.getValue()).isEqualTo(1851274554L);
  }

  @Test
  void sharesNoSceneBetweenSplits() {
    Set<ByteBuffer> pictures = new HashSet<>();
    int scenes = 0;
    for (Split split : Split.values()) {
      for (int index = 0; index < 60; index++, scenes++) {
        pictures.add(SyntheticScene.of(split, 1, index).render(0, 64, 36).image().pixels());
      }
    }

    assertThat(pictures).hasSize(scenes);
  }

  @Test
  void givesEveryPixelAClassAndEveryClassItsShare() {
    long[] pixels = new long[CLASSES];
    int[] scenesWith = new int[CLASSES];
    int scenes = 50;
    for (int index = 0; index < scenes; index++) {
      Set<Byte> seen = new HashSet<>();
      for (byte label : scene(index).labels().values()) {
        pixels[label]++;
        seen.add(label);
      }
      seen.forEach(label -> scenesWith[label]++);
    }

    double all = scenes * 448.0 * 252;
    for (StreetClass street : StreetClass.values()) {
      double least = street == StreetClass.PERSON ? 0.004 : 0.03;
      assertThat(pixels[street.index()] / all).as("share of %s", street).isBetween(least, 0.45);
      assertThat(scenesWith[street.index()]).as("scenes with %s", street).isGreaterThan(35);
    }
  }

  @Test
  void showsPeopleFromNearDownToTwelvePixelsHigh() {
    List<Integer> heights = new ArrayList<>();
    for (int index = 0; index < 40; index++) {
      heights.addAll(heights(scene(index).labels(), StreetClass.PERSON.index()));
    }

    assertThat(heights).filteredOn(height -> height >= 10 && height <= 14).hasSizeGreaterThan(10);
    assertThat(heights).filteredOn(height -> height > 40).hasSizeGreaterThan(10);
  }

  @Test
  void movesTrafficAndNothingElse() {
    for (int index = 0; index < 5; index++) {
      SceneCamera camera = SyntheticScene.of(Split.TRAINING, 9, index).camera(320, 180);
      byte[] before = camera.frame(0).labels().values();
      byte[] after = camera.frame(1).labels().values();

      int moved = 0;
      for (int at = 0; at < before.length; at++) {
        if (before[at] != after[at]) {
          moved++;
          assertThat(isTraffic(before[at]) || isTraffic(after[at])).isTrue();
        }
      }
      assertThat(moved).as("scene %d", index).isPositive();
    }
  }

  @Test
  void looksAlikeInEverySize() {
    for (int index = 0; index < 5; index++) {
      SyntheticScene scene = SyntheticScene.of(Split.VALIDATION, 1, index);
      // Three to one, so that a small pixel's centre is a large pixel's centre.
      Mask large = scene.render(4, 672, 378).labels();
      Mask small = scene.render(4, 224, 126).labels();

      int alike = 0;
      for (int row = 0; row < 126; row++) {
        for (int column = 0; column < 224; column++) {
          alike += small.get(column, row) == large.get(3 * column + 1, 3 * row + 1) ? 1 : 0;
        }
      }
      assertThat(alike / (224.0 * 126)).isGreaterThan(0.995);
    }
  }

  @Test
  void addsTheSensorsNoiseAnewToEveryFrame() {
    SceneCamera camera = SyntheticScene.of(Split.TRAINING, 2, 3).camera(160, 90);

    LabeledImage first = camera.frame(0);
    LabeledImage next = camera.frame(1e-9);

    assertThat(next.labels().values()).isEqualTo(first.labels().values());
    assertThat(next.image().pixels()).isNotEqualTo(first.image().pixels());
  }

  private static LabeledImage scene(int index) {
    return SyntheticScene.of(Split.TRAINING, 1, index).render(0.5 * index, 448, 252);
  }

  private static boolean isTraffic(byte label) {
    return label == StreetClass.VEHICLE.index() || label == StreetClass.PERSON.index();
  }

  /** The heights of a class's connected components in pixels. */
  private static List<Integer> heights(Mask mask, int label) {
    List<Integer> heights = new ArrayList<>();
    boolean[] visited = new boolean[mask.values().length];
    for (int start = 0; start < visited.length; start++) {
      if (visited[start] || mask.values()[start] != label) {
        continue;
      }
      int top = Integer.MAX_VALUE;
      int bottom = 0;
      Deque<Integer> open = new ArrayDeque<>(List.of(start));
      visited[start] = true;
      while (!open.isEmpty()) {
        int at = open.pop();
        int row = at / mask.width();
        top = Math.min(top, row);
        bottom = Math.max(bottom, row);
        for (int step : new int[] {-1, 1, -mask.width(), mask.width()}) {
          int next = at + step;
          if (next >= 0
              && next < visited.length
              && !visited[next]
              && mask.values()[next] == label) {
            visited[next] = true;
            open.push(next);
          }
        }
      }
      heights.add(bottom - top + 1);
    }
    return heights;
  }
}
