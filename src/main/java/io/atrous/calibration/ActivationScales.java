package io.atrous.calibration;

import io.atrous.inference.onednn.EightBitNumbers;
import io.atrous.inference.onednn.ObservedNetwork;
import io.atrous.inference.onednn.ObservedNetwork.Activation;
import io.atrous.model.Normalization;
import io.atrous.model.Quantization;
import io.atrous.model.Quantization.Accuracy;
import io.atrous.network.Weights;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Observes a network's activations in fp32, image by image, and chooses their scales.
 *
 * <p><b>Threading:</b> confined to one thread. The network stays its maker's.
 */
public final class ActivationScales {

  private final ObservedNetwork network;
  private final Map<Activation, ActivationHistogram> seen = new HashMap<>();

  public ActivationScales(ObservedNetwork network) {
    this.network = network;
  }

  /**
   * Observes an image.
   *
   * @param image uint8 [H, W, 3]
   */
  public void add(ByteBuffer image) {
    network.run(image, this::see);
  }

  private void see(Activation activation, FloatBuffer numbers) {
    seen.computeIfAbsent(
            activation,
            any ->
                new ActivationHistogram(
                    any.positive() ? EightBitNumbers.UNSIGNED_LIMIT : EightBitNumbers.SIGNED_LIMIT))
        .add(numbers);
  }

  /**
   * Calibrates all of a network that gains by computing in eight bits.
   *
   * @param images uint8 [height, width, 3] each
   * @param threads the number of cores to compute on
   * @param accuracy the loss that was measured
   * @throws io.atrous.inference.EngineFailedException if oneDNN does not run here
   */
  public static Quantization allInEightBits(
      Weights weights,
      Normalization normalization,
      int height,
      int width,
      List<ByteBuffer> images,
      ScaleRule rule,
      int threads,
      Accuracy accuracy) {
    try (ObservedNetwork network =
        new ObservedNetwork(weights, normalization, height, width, threads)) {
      ActivationScales scales = new ActivationScales(network);
      images.forEach(scales::add);
      return new Quantization(scales.chosenBy(rule), network.weightScales(), accuracy);
    }
  }

  /** Chooses the scales of all tensors that were observed, by their names. */
  public Map<String, Float> chosenBy(ScaleRule rule) {
    Map<String, Float> own = new HashMap<>();
    seen.forEach((activation, numbers) -> own.put(activation.name(), rule.scale(numbers)));
    Map<String, Float> scales = new TreeMap<>();
    for (Activation activation : seen.keySet()) {
      scales.put(activation.name(), own.getOrDefault(activation.joinedInto(), 1f));
    }
    return scales;
  }
}
