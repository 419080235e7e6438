package io.atrous.calibration;

import io.atrous.evaluation.ConfusionMatrix;
import io.atrous.mask.Mask;
import java.util.OptionalDouble;

/**
 * What fewer bits do to a network's labels: both ways compared with the truth, or with the labels
 * of fp32 where it is not known. Losses are in points of a hundred.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class LabelComparison {

  private final ConfusionMatrix wide;
  private final ConfusionMatrix narrow;
  private final ConfusionMatrix agreement;

  LabelComparison(int classes) {
    this.wide = new ConfusionMatrix(classes);
    this.narrow = new ConfusionMatrix(classes);
    this.agreement = new ConfusionMatrix(classes);
  }

  /** Adds an image. */
  void add(Mask truth, Mask wideLabels, Mask narrowLabels) {
    wide.add(truth, wideLabels);
    narrow.add(truth, narrowLabels);
    agreement.add(wideLabels, narrowLabels);
  }

  /** Returns the share of pixels that both label alike. */
  public double agreement() {
    return agreement.pixelAccuracy();
  }

  /** Returns the mean IoU in fp32. */
  public double wideMean() {
    return wide.meanIntersectionOverUnion();
  }

  /** Returns the mean IoU in fewer bits. */
  public double narrowMean() {
    return narrow.meanIntersectionOverUnion();
  }

  /** Returns the mean IoU that fewer bits cost; negative if they gain some. */
  public double loss() {
    return 100 * (wideMean() - narrowMean());
  }

  /** Returns the IoU of a class in fp32; empty if it does not occur. */
  public OptionalDouble wide(int index) {
    return wide.intersectionOverUnion(index);
  }

  /** Returns the IoU of a class in fewer bits; empty if it does not occur. */
  public OptionalDouble narrow(int index) {
    return narrow.intersectionOverUnion(index);
  }

  /** Returns the IoU that fewer bits cost a class; 0 if it does not occur in fp32. */
  public double loss(int index) {
    return wide(index).isEmpty() ? 0 : 100 * (wide(index).getAsDouble() - narrow(index).orElse(0));
  }

  /** Returns the class that loses most. */
  public int worstClass() {
    int worst = 0;
    for (int index = 1; index < wide.classes(); index++) {
      if (loss(index) > loss(worst)) {
        worst = index;
      }
    }
    return worst;
  }
}
