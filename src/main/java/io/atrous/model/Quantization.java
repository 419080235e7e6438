package io.atrous.model;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a network computes in eight bits, as a calibration found it: a stored whole number times its
 * tensor's scale is the real number.
 *
 * <p>Activations that can't be negative are stored as 0 to 255, others and weights as -127 to 127.
 *
 * @param activations the scale of each tensor between the layers, by the tensor's name
 * @param weights the scales of a convolution's output channels, by the convolution's name, for each
 *     convolution that computes in eight bits; the others keep more
 * @param accuracy what the calibration cost
 */
public record Quantization(
    Map<String, Float> activations, Map<String, List<Float>> weights, Accuracy accuracy) {

  /**
   * How well a network labels in eight bits the images that it was not calibrated on, compared with
   * itself in fp32.
   *
   * @param rule the rule by which the scales of activations were chosen
   * @param calibrationImages the number of images whose activations were observed
   * @param heldOutImages the number of images that it was then compared on
   * @param truth whether the images' labels were known; else those of fp32 stand for them
   * @param agreement the share of pixels that are labelled as in fp32
   * @param loss the mean IoU lost, in points of a hundred
   * @param worstClass the class that loses most
   * @param worstClassLoss the IoU that it loses, in points
   */
  public record Accuracy(
      String rule,
      int calibrationImages,
      int heldOutImages,
      boolean truth,
      double agreement,
      double loss,
      String worstClass,
      double worstClassLoss) {

    /** That of a calibration which nobody has measured: it says that all is lost. */
    public static final Accuracy UNMEASURED = new Accuracy("", 0, 0, false, 0, 100, "", 100);
  }

  public Quantization {
    activations = Collections.unmodifiableMap(new TreeMap<>(activations));
    activations.forEach(Quantization::requireScale);
    Map<String, List<Float>> copied = new TreeMap<>(weights);
    copied.replaceAll((name, scales) -> List.copyOf(scales));
    copied.forEach((name, scales) -> scales.forEach(scale -> requireScale(name, scale)));
    weights = Collections.unmodifiableMap(copied);
  }

  private static void requireScale(String name, Float scale) {
    if (!(scale >= Float.MIN_NORMAL && scale < Float.MAX_VALUE)) {
      throw new IllegalArgumentException("a scale of " + name + " can't be " + scale);
    }
  }
}
