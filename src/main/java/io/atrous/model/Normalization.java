package io.atrous.model;

import java.util.List;

/**
 * What the network expects of a pixel: {@code (value / 255 - mean) / deviation} per channel, RGB.
 *
 * @param mean three means in 0..1
 * @param deviation three standard deviations, positive
 */
public record Normalization(List<Double> mean, List<Double> deviation) {

  /** The mean and deviation of ImageNet, which most published backbones were trained with. */
  public static final Normalization IMAGENET =
      new Normalization(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));

  public Normalization {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    if (mean.size() != 3 || deviation.size() != 3) {
      throw new IllegalArgumentException("normalization needs three means and three deviations");
    }
    if (deviation.stream().anyMatch(d -> !(d > 0))) {
      throw new IllegalArgumentException("normalization needs positive deviations: " + deviation);
    }
  }

  /** The mean colour as 0xRRGGBB, which the network sees as nearly zero: for padding. */
  public int meanRgb() {
    int rgb = 0;
    for (double channel : mean) {
      rgb = (rgb << 8) | (int) Math.round(255 * Math.min(1, Math.max(0, channel)));
    }
    return rgb;
  }
}
