package io.atrous.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.atrous.mask.Mask;
import org.junit.jupiter.api.Test;

class BoundaryMatchTest {

  /** Of 320x240 the diagonal is 400, so that the tolerance is 3 pixels. */
  private static final int WIDTH = 320;

  private static final int HEIGHT = 240;

  /** Class 1 right of a column, class 0 left of it. */
  private static Mask edgeAt(int column) {
    byte[] labels = new byte[WIDTH * HEIGHT];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (byte) (i % WIDTH >= column ? 1 : 0);
    }
    return new Mask(WIDTH, HEIGHT, labels);
  }

  private static Mask with(Mask mask, int left, int top, int right, int bottom, int label) {
    byte[] labels = mask.values().clone();
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        labels[y * WIDTH + x] = (byte) label;
      }
    }
    return new Mask(WIDTH, HEIGHT, labels);
  }

  @Test
  void countsBoundariesCloserThanTheTolerance() {
    assertThat(BoundaryMatch.of(edgeAt(100), edgeAt(100), 2).scores().get(0)).hasValue(1);
    assertThat(BoundaryMatch.of(edgeAt(100), edgeAt(102), 2).scores().get(0)).hasValue(1);
    // Three pixels are not closer than three pixels.
    assertThat(BoundaryMatch.of(edgeAt(100), edgeAt(103), 2).scores().get(0)).hasValue(0);
    assertThat(BoundaryMatch.of(edgeAt(100), edgeAt(98), 2).scores().get(1)).hasValue(1);
  }

  @Test
  void isTheHarmonicMeanOfTheSharesThatAreNear() {
    // A square of 10x10 was seen where there is none: 36 pixels of boundary, far from any.
    Mask seen = with(edgeAt(100), 200, 50, 210, 60, 0);

    BoundaryMatch match = BoundaryMatch.of(edgeAt(100), seen, 2);

    double precision = 240.0 / (240 + 36);
    assertThat(match.scores().get(0).orElseThrow())
        .isCloseTo(2 * precision / (1 + precision), within(1e-12));
    // Around it class 1 has 40 more: those beside the square, not at its corners.
    double others = 240.0 / (240 + 40);
    assertThat(match.scores().get(1).orElseThrow())
        .isCloseTo(2 * others / (1 + others), within(1e-12));
    assertThat(match.mean().orElseThrow())
        .isCloseTo(precision / (1 + precision) + others / (1 + others), within(1e-12));
  }

  @Test
  void measuresDistancesAsTheyAreNotByRowsAndColumns() {
    // Single pixels: (2, 2) apart is a distance of 2.83, (2, 3) one of 3.6.
    Mask truth = with(edgeAt(WIDTH), 50, 50, 51, 51, 1);

    assertThat(BoundaryMatch.of(truth, with(edgeAt(WIDTH), 52, 52, 53, 53, 1), 2).scores().get(1))
        .hasValue(1);
    assertThat(BoundaryMatch.of(truth, with(edgeAt(WIDTH), 52, 53, 53, 54, 1), 2).scores().get(1))
        .hasValue(0);
  }

  @Test
  void hasNoScoreForAClassWithoutABoundary() {
    BoundaryMatch none = BoundaryMatch.of(edgeAt(0), edgeAt(0), 3);
    assertThat(none.scores()).allSatisfy(score -> assertThat(score).isEmpty());
    assertThat(none.mean()).isEmpty();

    BoundaryMatch madeUp = BoundaryMatch.of(edgeAt(0), edgeAt(100), 3);
    assertThat(madeUp.scores().get(0)).hasValue(0);
    assertThat(madeUp.scores().get(2)).isEmpty();
  }

  @Test
  void asksNothingOfPixelsThatAreIgnored() {
    // A band hides the edge, and with it what was seen there.
    Mask truth = with(edgeAt(100), 90, 0, 110, HEIGHT, 255);

    BoundaryMatch match = BoundaryMatch.of(truth, edgeAt(97), 2);

    assertThat(match.mean()).isEmpty();
  }

  @Test
  void averagesOverTheImagesInWhichAClassHasABoundary() {
    BoundaryScores scores = new BoundaryScores(3);
    scores.add(BoundaryMatch.of(edgeAt(100), edgeAt(100), 3));
    scores.add(BoundaryMatch.of(edgeAt(100), edgeAt(150), 3));
    scores.add(BoundaryMatch.of(edgeAt(0), edgeAt(0), 3));

    assertThat(scores.score(0)).hasValue(0.5);
    assertThat(scores.score(2)).isEmpty();
    assertThat(scores.mean()).hasValue(0.5);
  }
}
