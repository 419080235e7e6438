package io.atrous.inference;

import io.atrous.model.Model;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs models on one backend where that can, and on another elsewhere.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param preferred the one that is tried first
 * @param other the one that knows all devices and runs all models
 */
public record PreferredBackend(EngineBackend preferred, EngineBackend other)
    implements EngineBackend {

  private static final Logger LOG = LoggerFactory.getLogger(PreferredBackend.class);

  @Override
  public String name() {
    return preferred.name() + ", else " + other.name() + ",";
  }

  @Override
  public List<ExecutionTarget.Cuda> devices() {
    return other.devices();
  }

  @Override
  public SegmentationEngine start(Model model, EngineSettings settings) {
    if (preferred.mayRun(model, settings.target())) {
      try {
        return preferred.start(model, settings);
      } catch (EngineFailedException e) {
        LOG.info(
            "{} instead of {}, which does not run this model here: {}",
            other.name(),
            preferred.name(),
            e.getMessage());
      }
    }
    return other.start(model, settings);
  }

  @Override
  public Optional<DeviceMemory> memory(String device) {
    return other.memory(device);
  }
}
