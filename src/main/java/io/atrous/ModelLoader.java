package io.atrous;

import io.atrous.event.ModelReference;
import io.atrous.inference.DeviceMemoryException;
import io.atrous.inference.EngineBackend;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.InferenceMetrics;
import io.atrous.inference.LaneEngines;
import io.atrous.inference.Segmenter;
import io.atrous.mask.RegionOptions;
import io.atrous.model.Model;
import io.atrous.model.ModelFile;
import io.atrous.model.ModelSpec;
import io.atrous.settings.FrameKeys;
import io.atrous.settings.NetworkKeys;
import io.atrous.settings.ResultKeys;
import io.atrous.settings.ServiceConfig;
import io.atrous.settings.StartException;
import io.atrous.settings.Values;
import io.atrous.stream.ServedModel;
import java.io.UncheckedIOException;
import org.apache.kafka.common.config.ConfigException;

/**
 * Makes a model file ready to be served, as the configuration says: at the start, and at each
 * reload.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class ModelLoader {

  private final ServiceConfig config;
  private final EngineBackend engines;
  private final InferenceMetrics metrics;

  ModelLoader(ServiceConfig config, EngineBackend engines, InferenceMetrics metrics) {
    this.config = config;
    this.engines = engines;
    this.metrics = metrics;
  }

  /**
   * Opens the configured model file, whose network stays on disk until {@link #load}.
   *
   * @throws io.atrous.model.ModelFileException if it is missing, damaged, or not trained
   * @throws ConfigException if a setting is impossible for its classes
   */
  Model open() {
    Model file = Model.named(config.getString(NetworkKeys.MODEL_FILE));
    if (file instanceof ModelFile model && !NetworkKeys.allowsUntrained(config)) {
      model.requireTrained(NetworkKeys.MODEL_UNTRAINED + "=true");
    }
    var unused = regions(file);
    return file;
  }

  /**
   * Compiles and warms a model's engines.
   *
   * @throws ConfigException if a setting is impossible for this model or machine
   * @throws StartException if the network can't be compiled
   */
  ServedModel load(Model file) {
    ModelSpec spec = file.spec();
    Segmenter segmenter = segmenter(file);
    ModelReference reference =
        new ModelReference(
            spec.name(), spec.version(), file.sha256(), segmenter.profile().precision());
    return new ServedModel(
        spec,
        segmenter,
        ResultKeys.results(config, reference, regions(file)),
        FrameKeys.workers(config));
  }

  private RegionOptions regions(Model file) {
    return ResultKeys.regions(config, file.spec().classes());
  }

  private Segmenter segmenter(Model file) {
    EngineSettings settings = NetworkKeys.engine(config, file.spec());
    try {
      return Values.checked(
          NetworkKeys.DEVICE + "' and '" + NetworkKeys.PRECISION,
          () -> segmenter(LaneEngines.of(file, settings, engines)));
    } catch (DeviceMemoryException e) {
      throw new ConfigException(
          "'%s' and '%s': the largest batch does not fit: %s"
              .formatted(NetworkKeys.BATCH_MAX_SIZE, NetworkKeys.MODEL_INPUT_SIZE, e.getMessage()));
    } catch (UncheckedIOException e) {
      throw new StartException("The network can't be compiled: " + e.getMessage(), e);
    }
  }

  private Segmenter segmenter(LaneEngines lanes) {
    return Segmenter.start(
        NetworkKeys.batching(config, lanes.count()), lanes.count(), lanes::startNext, metrics);
  }
}
