package io.atrous.inference.onednn;

import io.atrous.inference.BatchSizes;
import io.atrous.inference.EngineFailedException;
import io.atrous.inference.EngineMask;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.PrecisionChoice;
import io.atrous.inference.ProbabilisticEngine;
import io.atrous.inference.ProcessMemory;
import io.atrous.inference.VariantTrial;
import io.atrous.model.ModelFile;
import io.atrous.network.Precision;
import io.atrous.network.Weights;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model on a CPU, as primitives of oneDNN.
 *
 * <p>At start it makes the primitives in each precision that was asked for and keeps the fastest
 * ({@link VariantTrial}). A batch runs in the sizes that are ready, such as three images as two and
 * one: on a CPU a large batch is not faster than a small one. A call allocates the masks that it
 * hands out, and little else.
 *
 * <p><b>Threading:</b> confined to the thread that started it, to which the number of its threads
 * belongs.
 */
final class OneDnnEngine implements ProbabilisticEngine {

  private static final Logger LOG = LoggerFactory.getLogger(OneDnnEngine.class);
  private static final String DEVICE = "cpu";

  /** With so many images variants are timed; only the fastest is made ready for more. */
  private static final List<Integer> ONE_IMAGE = List.of(1);

  private final EngineProfile profile;
  private final boolean confidence;
  private final OneDnnNetwork network;

  private OneDnnEngine(OneDnnNetwork network, Precision precision, EngineSettings settings) {
    this.network = network;
    this.confidence = settings.confidence();
    this.profile =
        new EngineProfile(
            DEVICE,
            precision.label(),
            settings.inputHeight(),
            settings.inputWidth(),
            settings.maxBatchSize());
  }

  /**
   * Makes, times and warms a model.
   *
   * @param nanoTime a clock to time with
   * @throws io.atrous.model.ModelFileException if the weights are damaged
   * @throws io.atrous.inference.DeviceMemoryException if the largest batch does not fit
   * @throws EngineFailedException if this processor runs it in none of the precisions asked for
   */
  static OneDnnEngine start(ModelFile model, EngineSettings settings, LongSupplier nanoTime) {
    long startNanos = nanoTime.getAsLong();
    NetworkSource source =
        NetworkSource.of(
            Weights.of(model), model.spec().normalization(), model.quantization().orElse(null));
    List<OneDnnVariant> variants = variants(model, settings);
    OneDnnEngine engine =
        new VariantTrial<OneDnnVariant, OneDnnEngine>(
                variant -> of(source, variant.precision(), settings), nanoTime)
            .fastest(variants);
    try {
      engine.warm();
    } catch (Throwable e) {
      engine.close();
      throw e;
    }
    LOG.info(
        "{} warm after {} ms: {}; peak memory of this process {}",
        OneDnn.version(),
        TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - startNanos),
        engine.profile,
        ProcessMemory.peakText());
    return engine;
  }

  /** The ways in which a model may run. */
  private static List<OneDnnVariant> variants(ModelFile model, EngineSettings settings) {
    List<Precision> precisions = new ArrayList<>(settings.precision().candidates(false));
    if (precisions.contains(Precision.INT8) && model.quantization().isEmpty()) {
      throw new IllegalArgumentException(
          ("model %s was not calibrated for int8: do it with atrous model calibrate, or choose"
                  + " another precision")
              .formatted(model.origin()));
    }
    if (settings.precision() == PrecisionChoice.AUTO && settings.allowsInt8(model)) {
      precisions.add(Precision.INT8);
    }
    return precisions.stream().map(OneDnnVariant::new).toList();
  }

  private static OneDnnEngine of(
      NetworkSource source, Precision precision, EngineSettings settings) {
    return new OneDnnEngine(
        new OneDnnNetwork(
            source,
            precision,
            ONE_IMAGE,
            settings.inputHeight(),
            settings.inputWidth(),
            settings.threads()),
        precision,
        settings);
  }

  /** Makes all sizes of batches and runs each once, which touches all memory. */
  private void warm() {
    List<Integer> sizes = BatchSizes.warmed(profile.maxBatchSize());
    network.addBatches(sizes, profile.inputHeight(), profile.inputWidth());
    sizes.stream().map(network::batchWithin).distinct().forEach(ReadyBatch::run);
  }

  @Override
  public EngineProfile profile() {
    return profile;
  }

  @Override
  public List<EngineMask> segment(List<ByteBuffer> images) {
    profile.requireBatch(images);
    List<EngineMask> masks = new ArrayList<>(images.size());
    while (masks.size() < images.size()) {
      int first = masks.size();
      ReadyBatch batch = network.batchWithin(images.size() - first);
      for (int i = 0; i < batch.size(); i++) {
        batch.put(i, images.get(first + i));
      }
      batch.run();
      for (int i = 0; i < batch.size(); i++) {
        masks.add(mask(batch, i));
      }
    }
    return masks;
  }

  @Override
  public float[] probabilities(ByteBuffer image, int height, int width) {
    EngineProfile.requireImage(image, height, width);
    ReadyBatch single = network.single(height, width);
    single.put(0, image);
    single.run();
    return single.probabilities(0);
  }

  private EngineMask mask(ReadyBatch batch, int index) {
    int pixels = profile.inputHeight() * profile.inputWidth();
    byte[] labels = new byte[pixels];
    byte @Nullable [] confidences = confidence ? new byte[pixels] : null;
    batch.choose(index, labels, confidences);
    return new EngineMask(labels, confidences);
  }

  @Override
  public void close() {
    network.close();
  }
}
