package io.atrous;

import io.atrous.ServiceConfig.InputSize;
import io.atrous.batching.BatchPolicy;
import io.atrous.event.ModelReference;
import io.atrous.inference.DeviceMemoryException;
import io.atrous.inference.EngineBackend;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.LaneEngines;
import io.atrous.inference.Segmenter;
import io.atrous.mask.ConfidenceLevels;
import io.atrous.mask.RegionOptions;
import io.atrous.model.ClassCatalog;
import io.atrous.model.Model;
import io.atrous.model.ModelSpec;
import io.atrous.model.SegmentationClass;
import io.atrous.stream.ResultSettings;
import io.atrous.stream.ServedModel;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * Makes a model file ready to be served, as the configuration says: at the start, and at each
 * reload.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class ModelLoader {

  /** What a record takes beside its key and value in a request, generously. */
  private static final int RECORD_OVERHEAD_BYTES = 1024;

  private final ServiceConfig config;
  private final EngineBackend engines;

  ModelLoader(ServiceConfig config, EngineBackend engines) {
    this.config = config;
    this.engines = engines;
  }

  /**
   * Opens the configured model file, whose network stays on disk until {@link #load}.
   *
   * @throws io.atrous.model.ModelFileException if it is missing or damaged
   * @throws ConfigException if a setting is impossible for its classes
   */
  Model open() {
    Model file = Model.named(config.modelFile());
    var unused = ignoredClasses(file.spec().classes());
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
    return new ServedModel(
        spec,
        segmenter,
        new ResultSettings(
            new ModelReference(
                spec.name(), spec.version(), file.sha256(), segmenter.profile().precision()),
            config.maskCodec(),
            confidenceLevels(),
            new RegionOptions(
                config.regionsMinAreaFraction(),
                config.regionsMaxPerFrame(),
                config.regionsTolerancePixels(),
                config.regionsMaxPointsPerPolygon(),
                config.regionsMaxPointsPerFrame(),
                ignoredClasses(spec.classes())),
            StreamsProperties.maxRequestBytes(config) - RECORD_OVERHEAD_BYTES,
            config.deadLettersMaxValueBytes()),
        config.workerThreads());
  }

  private Segmenter segmenter(Model file) {
    ModelSpec model = file.spec();
    EngineSettings settings =
        ServiceConfig.checked(
            ServiceConfig.MODEL_INPUT_SIZE + "' and '" + ServiceConfig.BATCH_MAX_SIZE,
            () ->
                new EngineSettings(
                    ServiceConfig.checked(
                        ServiceConfig.DEVICE, () -> ExecutionTarget.parse(config.device())),
                    config.precision(),
                    config.modelInputSize().map(InputSize::height).orElse(model.inputHeight()),
                    config.modelInputSize().map(InputSize::width).orElse(model.inputWidth()),
                    config.batchMaxSize(),
                    config.maskConfidence() != ServiceConfig.Confidence.NONE,
                    config.inferenceThreads(),
                    Path.of(System.getProperty("java.io.tmpdir")),
                    config.kernelSearch()));
    try {
      return ServiceConfig.checked(
          ServiceConfig.DEVICE + "' and '" + ServiceConfig.PRECISION,
          () -> segmenter(LaneEngines.of(file, settings, engines)));
    } catch (DeviceMemoryException e) {
      throw new ConfigException(
          "'"
              + ServiceConfig.BATCH_MAX_SIZE
              + "' and '"
              + ServiceConfig.MODEL_INPUT_SIZE
              + "': the largest batch does not fit: "
              + e.getMessage());
    } catch (UncheckedIOException e) {
      throw new StartException("The network can't be compiled: " + e.getMessage(), e);
    }
  }

  private Segmenter segmenter(LaneEngines lanes) {
    BatchPolicy policy =
        new BatchPolicy(
            config.batchMaxSize(),
            Duration.ofMillis(config.batchQueueDelayMillis()),
            ServedModel.slotCount(config.batchMaxSize(), lanes.count(), config.workerThreads()));
    return Segmenter.start(policy, lanes.count(), lanes::startNext, System::nanoTime);
  }

  private @Nullable ConfidenceLevels confidenceLevels() {
    return config.maskConfidence() == ServiceConfig.Confidence.MAP
        ? new ConfidenceLevels(config.maskConfidenceLevels())
        : null;
  }

  private Set<Integer> ignoredClasses(ClassCatalog classes) {
    List<String> names = classes.classes().stream().map(SegmentationClass::name).toList();
    Set<Integer> ignored = new TreeSet<>();
    for (String name : config.regionsIgnoredClasses()) {
      int index = names.indexOf(name);
      if (index < 0) {
        throw new ConfigException(
            "'"
                + ServiceConfig.REGIONS_IGNORED_CLASSES
                + "': the model has no class '"
                + name
                + "'; it has "
                + String.join(", ", names));
      }
      ignored.add(index);
    }
    return ignored;
  }
}
