package io.atrous.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import io.atrous.dataset.LabeledImage;
import io.atrous.dataset.SegmentationDataset;
import io.atrous.dataset.scene.SplittableHash;
import io.atrous.frame.RgbImage;
import io.atrous.inference.torch.PyTorch;
import io.atrous.model.ClassCatalog;
import io.atrous.model.Normalization;
import io.atrous.network.TrainableNetwork;
import java.util.Map;

/**
 * Fits a network to a dataset: which crops a step sees follows from the plan's seed and the step's
 * number alone.
 *
 * <p><b>Threading:</b> confined to one thread, which does all the work. The network stays its
 * maker's.
 */
public final class Trainer implements AutoCloseable {

  private final TrainableNetwork network;
  private final Normalization normalization;
  private final SegmentationDataset dataset;
  private final Augmentation augmentation;
  private final TrainingPlan plan;
  private final NDManager manager;
  private final Optimizer optimizer;

  /** Hears of every step. */
  @FunctionalInterface
  public interface Progress {
    /**
     * Called once the parameters have moved.
     *
     * @param step the step, from 0
     * @param loss the batch's mean cross entropy
     */
    void afterStep(int step, double loss);
  }

  /**
   * Prepares a training.
   *
   * @param parent decides the device
   */
  public Trainer(
      NDManager parent,
      TrainableNetwork network,
      Normalization normalization,
      SegmentationDataset dataset,
      Augmentation augmentation,
      TrainingPlan plan) {
    if (plan.classWeights().size() != network.spec().classes()) {
      throw new IllegalArgumentException(
          "%d class weights for %d classes"
              .formatted(plan.classWeights().size(), network.spec().classes()));
    }
    this.network = network;
    this.normalization = normalization;
    this.dataset = dataset;
    this.augmentation = augmentation;
    this.plan = plan;
    this.manager = parent.newSubManager();
    this.optimizer = plan.rule().optimizer(manager);
  }

  /** Takes all steps. */
  public void run(Progress progress) {
    boolean recording = JniUtils.isGradMode();
    // Threads differ in how they begin; only what the collector surrounds is to be recorded.
    JniUtils.setGradMode(false);
    try {
      for (int step = 0; step < plan.schedule().steps(); step++) {
        progress.afterStep(step, step(step));
      }
    } finally {
      JniUtils.setGradMode(recording);
    }
  }

  private double step(int step) {
    try (NDManager scope = manager.newSubManager()) {
      Batch batch = batch(SplittableHash.of(plan.seed()).child("step").child(step), scope);
      double loss;
      try (GradientCollector collector = PyTorch.engine().newGradientCollector()) {
        NDArray logits = network.logits(batch.images(), true);
        NDArray cost = logits.logSoftmax(1).mul(batch.targets()).sum().neg();
        collector.backward(cost);
        loss = cost.getFloat();
      }
      double rate = plan.schedule().rate(step);
      for (Map.Entry<String, NDArray> entry : network.parameters().entrySet()) {
        try (NDArray gradient = entry.getValue().getGradient()) {
          optimizer.update(entry.getKey(), entry.getValue(), gradient, rate);
          // PyTorch adds the next step's to it.
          gradient.subi(gradient);
        }
      }
      return loss;
    }
  }

  /**
   * @param images float [N, 3, H, W], normalised
   * @param targets float [N, classes, H, W]: the pixel's share of the batch's loss at its class,
   *     zero elsewhere and wherever the label is to be ignored
   */
  private record Batch(NDArray images, NDArray targets) {}

  private Batch batch(SplittableHash chance, NDManager scope) {
    int classes = plan.classWeights().size();
    int height = augmentation.cropHeight();
    int width = augmentation.cropWidth();
    int plane = height * width;
    float[] images = new float[plan.batchSize() * RgbImage.CHANNELS * plane];
    float[] targets = new float[plan.batchSize() * classes * plane];
    double weight = 0;
    for (int n = 0; n < plan.batchSize(); n++) {
      SplittableHash here = chance.child(n);
      LabeledImage source = dataset.get(here.below("image", dataset.size()));
      LabeledImage crop = augmentation.apply(source, here);
      normalize(crop.image(), images, n * RgbImage.CHANNELS * plane);
      byte[] labels = crop.labels().values();
      for (int i = 0; i < plane; i++) {
        int label = labels[i] & 0xFF;
        if (label != ClassCatalog.IGNORE_INDEX) {
          double counts = plan.classWeights().get(label);
          targets[(n * classes + label) * plane + i] = (float) counts;
          weight += counts;
        }
      }
    }
    if (weight > 0) {
      float share = (float) (1 / weight);
      for (int i = 0; i < targets.length; i++) {
        targets[i] *= share;
      }
    }
    return new Batch(
        scope.create(images, new Shape(plan.batchSize(), RgbImage.CHANNELS, height, width)),
        scope.create(targets, new Shape(plan.batchSize(), classes, height, width)));
  }

  private void normalize(RgbImage image, float[] planes, int offset) {
    int plane = image.width() * image.height();
    byte[] pixels = new byte[plane * RgbImage.CHANNELS];
    image.pixels().get(0, pixels);
    for (int channel = 0; channel < RgbImage.CHANNELS; channel++) {
      double mean = normalization.mean().get(channel);
      double deviation = normalization.deviation().get(channel);
      float[] values = new float[256];
      for (int value = 0; value < 256; value++) {
        values[value] = (float) ((value / 255.0 - mean) / deviation);
      }
      int at = offset + channel * plane;
      for (int i = 0; i < plane; i++) {
        planes[at + i] = values[pixels[RgbImage.CHANNELS * i + channel] & 0xFF];
      }
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
