package io.atrous.inference;

import io.atrous.model.Model;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engines of a {@link Segmenter}: one for each lane of a target.
 *
 * <p>All compute in the same precision, which the first finds, so that a frame's mask does not
 * depend on the lane that it meets. Each has weights of its own, even two on one device: a module
 * that two lanes share would belong to neither, and the weights are small beside what batches take
 * (0.12 GB for ResNet-101 in fp16).
 *
 * <p><b>Threading:</b> thread-safe. It owns no engine; each is its lane's.
 */
public final class LaneEngines {

  private static final Logger LOG = LoggerFactory.getLogger(LaneEngines.class);

  private final Model model;
  private final EngineSettings settings;
  private final EngineBackend backend;
  private final List<ExecutionTarget> lanes;
  // Guarded by this.
  private int started;
  private @Nullable EngineProfile first;

  private LaneEngines(Model model, EngineSettings settings, EngineBackend backend) {
    this.model = model;
    this.settings = settings;
    this.backend = backend;
    this.lanes = settings.target().lanes(() -> backend.devices().size());
  }

  /**
   * Engines for all devices of the settings' target; none is started yet.
   *
   * @throws IllegalArgumentException if the target is not here
   */
  public static LaneEngines of(Model model, EngineSettings settings, EngineBackend backend) {
    LaneEngines engines = new LaneEngines(model, settings, backend);
    LOG.info("{} runs on {}", backend.name(), engines.lanes);
    return engines;
  }

  /** How many. */
  public int count() {
    return lanes.size();
  }

  /**
   * Starts the engine of the next lane, on the calling thread, which is to be that lane: what
   * PyTorch and cuDNN remember of a warm engine belongs to a thread.
   *
   * @throws IllegalArgumentException if the device does not compute in the precision asked for
   */
  public synchronized SegmentationEngine startNext() {
    EngineSettings device = settings.on(lanes.get(started));
    SegmentationEngine engine = start(first == null ? device : device.like(first));
    if (first == null) {
      first = engine.profile();
    }
    started++;
    return engine;
  }

  private SegmentationEngine start(EngineSettings device) {
    try {
      return backend.start(model, device);
    } catch (EngineFailedException e) {
      if (device.precision() == PrecisionChoice.AUTO
          || device.precision() == PrecisionChoice.FP32) {
        throw new IllegalStateException("the model runs in no way on " + device.target(), e);
      }
      throw new IllegalArgumentException(
          "the model does not run in %s on %s: choose auto or another precision"
              .formatted(device.precision().key(), device.target()),
          e);
    }
  }
}
