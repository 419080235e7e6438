package io.atrous.settings;

import io.atrous.batching.BatchPolicy;
import io.atrous.inference.EngineChoice;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.PrecisionChoice;
import io.atrous.model.Model;
import io.atrous.model.ModelSpec;
import io.atrous.stream.ServedModel;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/** The keys of the model, of the device it runs on, and of its batches. */
public final class NetworkKeys {

  public static final String MODEL_FILE = "model.file";
  public static final String MODEL_RELOAD = "model.reload";
  public static final String MODEL_UNTRAINED = "model.untrained";
  public static final String MODEL_INPUT_SIZE = "model.input.size";
  public static final String DEVICE = "inference.device";
  public static final String ENGINE = "inference.engine";
  public static final String PRECISION = "inference.precision";
  public static final String INT8_MAX_LOSS = "inference.int8.max.loss";
  public static final String INFERENCE_THREADS = "inference.threads";
  public static final String KERNEL_SEARCH = "inference.kernel.search";
  public static final String BATCH_MAX_SIZE = "batch.max.size";
  public static final String BATCH_QUEUE_DELAY_MS = "batch.queue.delay.ms";

  private static final Pattern SIZE = Pattern.compile("[1-9][0-9]{0,4}x[1-9][0-9]{0,4}");

  private NetworkKeys() {}

  static void define(ConfigDef definition) {
    new KeyGroup(definition, "Network")
        .required(
            MODEL_FILE,
            ConfigDef.Type.STRING,
            "The model: a safetensors file made by `atrous model`, or "
                + Model.SHIPPED
                + " for the small street model in the jar, which knows synthetic scenes only.")
        .choice(
            MODEL_RELOAD,
            ReloadTrigger.SIGNAL,
            "What has the model file reloaded while the service runs: none (only the next start reads"
                + " it), signal (SIGHUP), or watch (SIGHUP, or a change of the file, which is looked"
                + " at every 5 s). A file that is damaged or has other classes is refused, and the"
                + " old model goes on.")
        .flag(
            MODEL_UNTRAINED,
            "Serve a model of which tensors were never trained, such as an imported backbone, too."
                + " Its masks mean nothing.")
        .optional(
            MODEL_INPUT_SIZE,
            ConfigDef.Type.STRING,
            null,
            ConfigDef.LambdaValidator.with(NetworkKeys::ensureSize, () -> "HxW"),
            "Run the network at this height x width instead of the model's own.")
        .text(
            DEVICE,
            "auto",
            "Where the network runs: auto (all GPUs that CUDA_VISIBLE_DEVICES leaves, else the CPU),"
                + " cpu, cuda (all GPUs, at least one), or cuda:N. Two lanes serve each GPU.")
        .choice(
            ENGINE,
            EngineChoice.AUTO,
            "What the network runs on: onednn (the CPU, with oneDNN alone), torch (PyTorch: the CPU"
                + " or GPUs, and TorchScript files), or auto, which takes onednn on a CPU where it"
                + " runs the model (Linux on x86-64), and else torch.")
        .choice(
            PRECISION,
            PrecisionChoice.AUTO,
            "What the network computes in. auto times fp32 against bf16 (on a GPU fp16), and against"
                + " int8 where '"
                + INT8_MAX_LOSS
                + "' allows it, at start and takes fewer bits only if they are at least 1.2 times as"
                + " fast. int8 needs the engine onednn and a model that was calibrated (atrous model"
                + " calibrate).")
        .decimal(
            INT8_MAX_LOSS,
            EngineSettings.DEFAULT_INT8_MAX_LOSS,
            0,
            100,
            "The most that int8 may have cost the model when it was calibrated, in points of mean"
                + " IoU, for auto to take it.")
        .integer(
            INFERENCE_THREADS, 0, 0, 1024, "Threads of the network on a CPU; 0 means one per core.")
        .integer(
            BATCH_MAX_SIZE,
            8,
            1,
            256,
            "The most frames the network takes at once, from any partitions.")
        .integer(
            BATCH_QUEUE_DELAY_MS,
            20,
            0,
            10_000,
            "How long the oldest frame may wait for its batch to fill.")
        .flag(
            KERNEL_SEARCH,
            "Whether the start tries cuDNN's kernels for each convolution on a GPU, which may take"
                + " three minutes; later starts take what it found from a file in the cache"
                + " directory. Not yet measured on a GPU.");
  }

  private static void ensureSize(String key, @Nullable Object value) {
    if (value instanceof String text && !SIZE.matcher(text).matches()) {
      throw new ConfigException(
          key, text, "'" + text + "' is not a size like 256x448 (height x width)");
    }
  }

  /** Returns what has the model file reloaded. */
  public static ReloadTrigger reload(AbstractConfig config) {
    return Values.choice(config, ReloadTrigger.class, MODEL_RELOAD);
  }

  /** Returns the runtime that is asked for. */
  public static EngineChoice engineChoice(AbstractConfig config) {
    return Values.choice(config, EngineChoice.class, ENGINE);
  }

  /**
   * Returns how a model is to run.
   *
   * @throws ConfigException if it can't, on any machine
   */
  public static EngineSettings engine(AbstractConfig config, ModelSpec model) {
    @Nullable String size = config.getString(MODEL_INPUT_SIZE);
    int cross = size == null ? -1 : size.indexOf('x');
    return Values.checked(
        MODEL_INPUT_SIZE + "' and '" + BATCH_MAX_SIZE,
        () ->
            new EngineSettings(
                Values.checked(DEVICE, () -> ExecutionTarget.parse(config.getString(DEVICE))),
                Values.choice(config, PrecisionChoice.class, PRECISION),
                size == null ? model.inputHeight() : Integer.parseInt(size, 0, cross, 10),
                size == null
                    ? model.inputWidth()
                    : Integer.parseInt(size, cross + 1, size.length(), 10),
                config.getInt(BATCH_MAX_SIZE),
                ResultKeys.wantConfidence(config),
                Values.coresUnlessSet(config, INFERENCE_THREADS),
                Path.of(System.getProperty("java.io.tmpdir")),
                config.getBoolean(KERNEL_SEARCH),
                config.getDouble(INT8_MAX_LOSS)));
  }

  /** Returns whether a model may be served of which tensors were never trained. */
  public static boolean allowsUntrained(AbstractConfig config) {
    return config.getBoolean(MODEL_UNTRAINED);
  }

  /** When a batch closes, and how many frames may wait for one. */
  public static BatchPolicy batching(AbstractConfig config, int lanes) {
    int maxBatchSize = config.getInt(BATCH_MAX_SIZE);
    return new BatchPolicy(
        maxBatchSize,
        Values.millis(config, BATCH_QUEUE_DELAY_MS),
        ServedModel.slotCount(maxBatchSize, lanes, FrameKeys.workers(config)));
  }
}
