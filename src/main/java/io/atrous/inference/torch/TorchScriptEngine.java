package io.atrous.inference.torch;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.engine.StandardCapabilities;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import io.atrous.inference.BatchSizes;
import io.atrous.inference.DeviceMemoryException;
import io.atrous.inference.EngineFailedException;
import io.atrous.inference.EngineMask;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.PrecisionChoice;
import io.atrous.inference.ProbabilisticEngine;
import io.atrous.inference.ProcessMemory;
import io.atrous.inference.VariantTrial;
import io.atrous.inference.torch.TorchScriptVariant.Kernels;
import io.atrous.model.Model;
import io.atrous.model.ModelFile;
import io.atrous.model.NetworkSpec;
import io.atrous.model.TorchScriptFile;
import io.atrous.network.Precision;
import io.atrous.network.Weights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model compiled to TorchScript, or somebody else's TorchScript file, on a CPU or a CUDA device,
 * through DJL's PyTorch engine.
 *
 * <p>At start it compiles the variants that the device might run, keeps the fastest ({@link
 * VariantTrial}), warms the powers of two among the batch sizes and the largest, and logs what it
 * found.
 *
 * <p>On CUDA, if the settings ask for it, one variant has a kernel of its own for each convolution,
 * which {@link KernelSearch} finds and {@link KernelCache} keeps. It may compete only once it has
 * shown, on this lane's thread and in every size of batch, that what free memory holds makes no
 * difference to it.
 *
 * <p>It owns the buffers between Java and PyTorch. On a CPU the network reads and writes them where
 * they lie; the only copies are the gathering of a batch's images and the masks handed out. On CUDA
 * they are copied to the device and back, and a batch is filled up to one of the sizes that were
 * warmed, since cuDNN may search for seconds at a size it has not seen; a CPU takes any size as
 * fast the first time. <b>The CUDA path has not been run yet.</b>
 *
 * <p><b>Threading:</b> confined to the thread that started it.
 */
public final class TorchScriptEngine implements ProbabilisticEngine {

  private static final Logger LOG = LoggerFactory.getLogger(TorchScriptEngine.class);
  private static final int CHANNELS = 3;

  /** The precision of somebody else's program, into which we don't look. */
  private static final String AS_SAVED = "as saved";

  /** The switch of NVIDIA's libraries: DJL leads to none of PyTorch's. */
  private static final String TF32_OVERRIDE = "NVIDIA_TF32_OVERRIDE";

  /** Of logits, if only sums in another order made the difference. */
  private static final double MAX_NAN_POISONED_ERROR = 0.02;

  private final EngineProfile profile;
  private final NDManager manager;
  private final SegmentationModule module;
  private final ByteBuffer images;
  private final ByteBuffer labels;
  private final @Nullable ByteBuffer confidence;

  /** Compiles a model for a device. */
  interface Compilation {
    TorchScriptModule compile(TorchScriptVariant variant, Device device) throws IOException;
  }

  private TorchScriptEngine(
      SegmentationModule module, String precision, Device device, EngineSettings settings) {
    this.module = module;
    this.manager = PyTorch.engine().newBaseManager(device);
    this.profile =
        new EngineProfile(
            label(device),
            precision,
            settings.inputHeight(),
            settings.inputWidth(),
            settings.maxBatchSize());
    int pixels = settings.maxBatchSize() * settings.inputHeight() * settings.inputWidth();
    this.images = directBuffer(pixels * CHANNELS);
    this.labels = directBuffer(pixels);
    this.confidence = settings.confidence() ? directBuffer(pixels) : null;
  }

  /**
   * Compiles, times and warms a model, or warms a TorchScript file as it is; peak memory and the
   * timings are logged.
   *
   * @param nanoTime a clock to time with
   * @throws io.atrous.model.ModelFileException if the model can't be used
   * @throws DeviceMemoryException if the largest batch does not fit
   * @throws IllegalArgumentException if the target is not here
   * @throws EngineFailedException if it computes in none of the precisions that were asked for
   */
  public static TorchScriptEngine start(
      Model model, EngineSettings settings, LongSupplier nanoTime) {
    if (settings.precision() == PrecisionChoice.INT8) {
      throw new IllegalArgumentException(
          "int8 runs on oneDNN alone: choose the engine onednn, or another precision than int8");
    }
    TorchScriptCompiler compiler = compiler(settings);
    if (model instanceof TorchScriptFile file) {
      return start(device -> thirdParty(file, compiler, device, settings), settings, nanoTime);
    }
    ModelFile file = (ModelFile) model;
    Weights weights = Weights.of(file);
    try (KernelCache cache = KernelCache.besideDjl()) {
      return start(
          (variant, device) ->
              compiler.compile(
                  weights,
                  file.spec().normalization(),
                  variant,
                  kernels(weights.network(), variant, device, settings, cache, nanoTime),
                  device),
          settings,
          nanoTime);
    }
  }

  private static ConvolutionKernels kernels(
      NetworkSpec network,
      TorchScriptVariant variant,
      Device device,
      EngineSettings settings,
      KernelCache cache,
      LongSupplier nanoTime) {
    if (variant.kernels() != Kernels.CUDNN) {
      return ConvolutionKernels.PLAIN;
    }
    ConvolutionKernels found =
        KernelSearch.find(network, variant.precision(), device, settings, cache, nanoTime);
    if (found.equals(ConvolutionKernels.PLAIN)) {
      throw new EngineFailedException(
          "no kernel is faster than the plain one for any convolution", null);
    }
    return found;
  }

  static TorchScriptEngine start(
      Compilation compilation, EngineSettings settings, LongSupplier nanoTime) {
    return start(device -> fastest(compilation, device, settings, nanoTime), settings, nanoTime);
  }

  private static TorchScriptEngine start(
      Function<Device, TorchScriptEngine> load, EngineSettings settings, LongSupplier nanoTime) {
    long startNanos = nanoTime.getAsLong();
    Device device = device(settings.target());
    PyTorch.useThreads(settings.threads());
    if (device.isGpu()) {
      // While sizes are warmed, cuDNN times its algorithms for each convolution's shape.
      JniUtils.setBenchmarkCuDNN(true);
    }
    TorchScriptEngine engine = load.apply(device);
    try {
      BatchSizes.warmed(settings.maxBatchSize()).forEach(engine::run);
    } catch (Throwable e) {
      engine.close();
      throw e;
    }
    LOG.info(
        "warm after {} ms: {}; peak memory of this process {}",
        millis(nanoTime.getAsLong() - startNanos),
        engine.profile,
        ProcessMemory.peakText());
    if (mayBeTf32(engine.profile, System.getenv(TF32_OVERRIDE))) {
      LOG.warn(
          "fp32 on {} may mean TF32, ten bits of fraction: set {}=0 in the environment against it",
          engine.profile.device(),
          TF32_OVERRIDE);
    }
    return engine;
  }

  /**
   * Whether fp32 may not be what it says.
   *
   * @param override what the environment says to NVIDIA's libraries, which heed only {@code 0}
   */
  static boolean mayBeTf32(EngineProfile engine, @Nullable String override) {
    return engine.device().startsWith("cuda")
        && engine.precision().equals(Precision.FP32.label())
        && !"0".equals(override);
  }

  /** How many CUDA devices this process sees. */
  static int cudaDevices() {
    CudaRuntime.expose();
    Engine engine = PyTorch.engine();
    return engine.hasCapability(StandardCapabilities.CUDA) ? engine.getGpuCount() : 0;
  }

  /**
   * The device of a target, once PyTorch is loaded.
   *
   * @throws IllegalArgumentException if it is not here
   */
  static Device device(ExecutionTarget target) {
    // Asked in any case, since that is what loads PyTorch.
    int devices = cudaDevices();
    if (target.lanes(() -> devices).get(0) instanceof ExecutionTarget.Cuda cuda) {
      if (cuda.index() >= devices) {
        throw new IllegalArgumentException(
            "there is no %s: PyTorch sees %d CUDA devices here; choose cpu or auto, or build with -Pcu121"
                .formatted(cuda, devices));
      }
      return Device.gpu(cuda.index());
    }
    return Device.cpu();
  }

  /** The ways that a device might run a model in, those with the widest precision first. */
  static List<TorchScriptVariant> variants(EngineSettings settings, Device device) {
    return settings.precision().candidates(device.isGpu()).stream()
        .flatMap(precision -> TorchScriptVariant.of(device, precision).stream())
        .filter(variant -> settings.kernelSearch() || variant.kernels() != Kernels.CUDNN)
        .toList();
  }

  private static TorchScriptEngine fastest(
      Compilation compilation, Device device, EngineSettings settings, LongSupplier nanoTime) {
    return new VariantTrial<TorchScriptVariant, TorchScriptEngine>(
            variant -> compiled(compilation, variant, device, settings), nanoTime)
        .fastest(variants(settings, device));
  }

  /**
   * An engine that has not been warmed.
   *
   * @throws EngineFailedException if the variant does not run here, or is not sound
   */
  static TorchScriptEngine compiled(
      Compilation compilation, TorchScriptVariant variant, Device device, EngineSettings settings) {
    TorchScriptModule module;
    try {
      module = compilation.compile(variant, device);
    } catch (EngineException e) {
      throw EngineFailures.failed(e);
    } catch (IOException e) {
      throw cannotWrite(settings, e);
    }
    TorchScriptEngine engine =
        new TorchScriptEngine(module, variant.precision().label(), device, settings);
    if (variant.kernels() == Kernels.CUDNN) {
      try {
        engine.requireSound(module);
      } catch (EngineException e) {
        engine.close();
        throw EngineFailures.failed(e);
      } catch (Throwable e) {
        engine.close();
        throw e;
      }
    }
    return engine;
  }

  /**
   * Proves that no kernel reads memory which it should only write: on this thread, for each size of
   * batch, with the algorithms that cuDNN will run from now on. Those that the {@link KernelProbe}
   * met may have been others.
   */
  private void requireSound(TorchScriptModule compiled) {
    for (int size : BatchSizes.warmed(profile.maxBatchSize())) {
      try (NDManager call = manager.newSubManager()) {
        double error = compiled.nanPoisonedError(array(call, images, size, CHANNELS));
        // Not a number is no better than too much.
        if (!(error <= MAX_NAN_POISONED_ERROR)) {
          throw new EngineFailedException(
              String.format(
                  Locale.ROOT,
                  "among NaN in free memory the logits of %d images differ by %.2g",
                  size,
                  error),
              null);
        }
      }
    }
  }

  private static TorchScriptEngine thirdParty(
      TorchScriptFile file, TorchScriptCompiler compiler, Device device, EngineSettings settings) {
    if (settings.precision() != PrecisionChoice.AUTO) {
      throw new IllegalArgumentException(
          "TorchScript file %s computes in what it was saved in: choose auto, not %s"
              .formatted(file.origin(), settings.precision().key()));
    }
    try {
      return new TorchScriptEngine(
          ThirdPartyModule.load(file, compiler, device), AS_SAVED, device, settings);
    } catch (IOException e) {
      throw cannotWrite(settings, e);
    }
  }

  private static TorchScriptCompiler compiler(EngineSettings settings) {
    try {
      return new TorchScriptCompiler(settings.temporaryDirectory());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "can't use " + settings.temporaryDirectory() + " for the compiled network", e);
    }
  }

  private static UncheckedIOException cannotWrite(EngineSettings settings, IOException e) {
    return new UncheckedIOException(
        "can't write the compiled network to " + settings.temporaryDirectory(), e);
  }

  @Override
  public EngineProfile profile() {
    return profile;
  }

  @Override
  public List<EngineMask> segment(List<ByteBuffer> batch) {
    profile.requireBatch(batch);
    int pixels = pixels();
    for (int i = 0; i < batch.size(); i++) {
      images.put(i * pixels * CHANNELS, batch.get(i), 0, pixels * CHANNELS);
    }
    run(batch.size());
    List<EngineMask> masks = new ArrayList<>(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      masks.add(new EngineMask(mask(labels, i), confidence == null ? null : mask(confidence, i)));
    }
    return masks;
  }

  @Override
  public float[] probabilities(ByteBuffer image, int height, int width) {
    if (image.capacity() != Math.multiplyExact(height * width, CHANNELS)) {
      throw new IllegalArgumentException(
          "an image of %dx%d does not have %d bytes".formatted(width, height, image.capacity()));
    }
    try (NDManager call = manager.newSubManager()) {
      ByteBuffer whole = image.duplicate().clear().order(ByteOrder.nativeOrder());
      NDArray pixels = call.create(whole, new Shape(1, height, width, CHANNELS), DataType.UINT8);
      return module.probabilities(pixels).toFloatArray();
    } catch (RuntimeException e) {
      throw EngineFailures.ofRun(e);
    }
  }

  private byte[] mask(ByteBuffer masks, int image) {
    byte[] mask = new byte[pixels()];
    masks.get(image * mask.length, mask);
    return mask;
  }

  private int pixels() {
    return profile.inputHeight() * profile.inputWidth();
  }

  /** Runs the network on the first images of the buffer. */
  private void run(int batchSize) {
    try (NDManager call = manager.newSubManager()) {
      if (call.getDevice().isGpu()) {
        runOnDevice(call, batchSize);
      } else {
        // Arrays over the buffers themselves: nothing is copied.
        module.segment(
            array(call, images, batchSize, CHANNELS),
            array(call, labels, batchSize),
            confidence == null ? null : array(call, confidence, batchSize));
      }
    } catch (RuntimeException e) {
      throw EngineFailures.ofRun(e);
    }
  }

  private void runOnDevice(NDManager call, int batchSize) {
    int filled =
        BatchSizes.warmed(profile.maxBatchSize()).stream()
            .filter(n -> n >= batchSize)
            .findFirst()
            .orElseThrow();
    Shape shape = shape(filled);
    NDArray labelsThere = call.create(shape, DataType.UINT8);
    NDArray confidenceThere = confidence == null ? null : call.create(shape, DataType.UINT8);
    module.segment(array(call, images, filled, CHANNELS), labelsThere, confidenceThere);
    labels.put(0, labelsThere.toByteArray());
    if (confidence != null && confidenceThere != null) {
      confidence.put(0, confidenceThere.toByteArray());
    }
  }

  private NDArray array(NDManager call, ByteBuffer buffer, long batchSize, long... channels) {
    Shape shape = shape(batchSize).addAll(new Shape(channels));
    ByteBuffer part = buffer.slice(0, Math.toIntExact(shape.size())).order(ByteOrder.nativeOrder());
    return call.create(part, shape, DataType.UINT8);
  }

  private Shape shape(long batchSize) {
    return new Shape(batchSize, profile.inputHeight(), profile.inputWidth());
  }

  /** How many arrays live in native memory on this engine's account; none between calls. */
  int liveArrays() {
    return manager.getManagedArrays().size();
  }

  @Override
  public void close() {
    module.close();
    manager.close();
  }

  private static ByteBuffer directBuffer(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  static String label(Device device) {
    return device.isGpu() ? "cuda:" + device.getDeviceId() : "cpu";
  }

  private static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.1f", nanos / 1e6);
  }
}
