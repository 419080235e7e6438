package io.atrous.cli;

import io.atrous.inference.EngineChoice;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.PrecisionChoice;
import io.atrous.model.Model;
import io.atrous.model.ModelFile;
import io.atrous.model.ModelSpec;
import io.atrous.model.TorchScriptFile;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that say how a model runs that is asked about images in files, as a mixin. */
final class EngineOptions {

  @Mixin private ThreadsOption threads = new ThreadsOption();

  @Option(
      names = "--input",
      paramLabel = "HxW",
      converter = Size.Converter.class,
      description = {
        "What images are brought to for the network.",
        "  Default: the model's input size"
      })
  private @Nullable Size input;

  @Option(
      names = "--engine",
      paramLabel = "ENGINE",
      description =
          "What the network runs on: onednn, torch, or auto for onednn on a CPU where it runs the"
              + " model.")
  private EngineChoice engine = EngineChoice.AUTO;

  @Option(
      names = "--precision",
      paramLabel = "PRECISION",
      description = {
        "What the network computes in: fp32, bf16, fp16, int8, or auto for what is fastest here.",
        "  Default: fp32; a TorchScript file computes in what it was saved in"
      })
  private @Nullable PrecisionChoice precision;

  @Option(
      names = "--untrained",
      description = "Take a model of which tensors were never trained, too.")
  private boolean untrained;

  static final class DeviceConverter implements ITypeConverter<ExecutionTarget> {
    @Override
    public ExecutionTarget convert(String value) {
      try {
        return ExecutionTarget.parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** Checks the arguments before anything is opened. */
  void requireSensible() {
    var unused = threads.count();
  }

  /** Returns a model, if it is trained or need not be. */
  Model accepted(Model opened) {
    if (opened instanceof ModelFile file && !untrained) {
      file.requireTrained("--untrained");
    }
    return opened;
  }

  EngineChoice engine() {
    return engine;
  }

  /** Returns the number of cores to compute on. */
  int threads() {
    return threads.count();
  }

  /**
   * The settings of an engine.
   *
   * @param maxBatchSize the most images per call of the network
   * @param confidence whether each pixel's confidence is wanted
   * @throws IllegalArgumentException with a sentence for the user
   */
  EngineSettings settings(
      Model model, ExecutionTarget device, int maxBatchSize, boolean confidence) {
    ModelSpec spec = model.spec();
    return new EngineSettings(
        device,
        precision == null ? usualPrecision(model) : precision,
        input == null ? spec.inputHeight() : input.height(),
        input == null ? spec.inputWidth() : input.width(),
        maxBatchSize,
        confidence,
        threads.count(),
        Path.of(System.getProperty("java.io.tmpdir")));
  }

  /** Equal masks on every machine, where there is a choice. */
  private static PrecisionChoice usualPrecision(Model model) {
    return model instanceof TorchScriptFile ? PrecisionChoice.AUTO : PrecisionChoice.FP32;
  }
}
