package io.atrous.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.atrous.model.ClassCatalog;
import java.util.List;

/**
 * Cross entropy of logits against class indices: the sum over pixels of {@code -weight[class] ·
 * log(softmax(logits)[class])}. Divided by the sum of the same pixels' weights it is PyTorch's
 * weighted mean. Pixels labelled {@link ClassCatalog#IGNORE_INDEX} count in neither sum.
 *
 * <p>A pixel's class is picked on the device. Beside the logits there are at most three arrays of
 * their size there, the logarithms and two gradients; on Java's heap there is one byte per pixel.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class CrossEntropy {

  /** As many as a label has values; 0 is the weight of those that are no class. */
  private static final int LABEL_VALUES = 256;

  private final int classes;
  private final float[] weights = new float[LABEL_VALUES];

  /**
   * @param classWeights the weight of each class, in the order of the classes; none negative
   */
  public CrossEntropy(List<Double> classWeights) {
    this.classes = classWeights.size();
    for (int index = 0; index < classes; index++) {
      double weight = classWeights.get(index);
      if (!(weight >= 0) || Double.isInfinite(weight)) {
        throw new IllegalArgumentException("class " + index + " can't have the weight " + weight);
      }
      weights[index] = (float) weight;
    }
  }

  /**
   * The weight of labels: by the sum over a batch its cross entropy is divided.
   *
   * @param labels uint8 class indices
   * @throws IllegalArgumentException if one is neither a class nor to be ignored
   */
  public double weight(byte[] labels) {
    long[] pixels = new long[LABEL_VALUES];
    for (byte label : labels) {
      pixels[label & 0xFF]++;
    }
    double sum = 0;
    for (int label = 0; label < LABEL_VALUES; label++) {
      if (pixels[label] > 0 && label >= classes && label != ClassCatalog.IGNORE_INDEX) {
        throw new IllegalArgumentException(
            "label " + label + " is none of " + classes + " classes, which are numbered from 0");
      }
      sum += (double) weights[label] * pixels[label];
    }
    return sum;
  }

  /**
   * The sum over all pixels; what it makes belongs to the logits' manager.
   *
   * @param logits float [N, classes, H, W]
   * @param labels uint8 [N, H, W], checked by {@link #weight}
   * @return float []
   */
  public NDArray sum(NDArray logits, NDArray labels) {
    NDManager scope = logits.getManager();
    Shape pixels = labels.getShape();
    NDArray index = labels.toType(DataType.INT64, false);
    NDArray weight = scope.create(weights).gather(index.reshape(-1), 0).reshape(pixels);
    NDArray logarithm =
        logits.logSoftmax(1).gather(index.clip(0, classes - 1).expandDims(1), 1).squeeze(1);
    return logarithm.mul(weight).sum().neg();
  }
}
