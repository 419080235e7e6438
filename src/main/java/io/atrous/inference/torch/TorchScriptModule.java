package io.atrous.inference.torch;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A compiled network, loaded on a device and ready to run. It owns its native memory until {@link
 * #close}; the arrays that go in and out are their managers'.
 *
 * <p><b>Threading:</b> confined to the thread that loaded it.
 */
final class TorchScriptModule implements SegmentationModule {

  private final PtNDManager manager;
  private final PtSymbolBlock block;

  private TorchScriptModule(PtNDManager manager, PtSymbolBlock block) {
    this.manager = manager;
    this.block = block;
  }

  static TorchScriptModule load(Path archive, Device device) {
    PtNDManager manager = (PtNDManager) PyTorch.engine().newBaseManager(device);
    try {
      // The optimizer would watch the first runs and compile anew for each batch size.
      JniUtils.setGraphExecutorOptimize(false);
      String[] noExtraFiles = {};
      TorchScriptModule module =
          new TorchScriptModule(
              manager,
              JniUtils.loadModule(manager, archive, true, noExtraFiles, noExtraFiles, false));
      IValueUtils.runMethod(module.block, "prepare").close();
      return module;
    } catch (Throwable e) {
      manager.close();
      throw e;
    }
  }

  /**
   * The network's logits.
   *
   * @param x normalized image, float32 [N, C, H, W]
   * @return float32 [N, classes, H, W], in the manager of {@code x}
   */
  NDArray logits(NDArray x) {
    require(x, DataType.FLOAT32);
    try (IValue argument = IValue.from((PtNDArray) x);
        IValue result = IValueUtils.runMethod(block, "logits", argument)) {
      return result.toTensor((PtNDManager) x.getManager());
    }
  }

  /**
   * Runs {@link #segment} up to the last upsampling and drops the result: for measuring.
   *
   * @param images uint8 [N, H, W, C]
   */
  void runBody(NDArray images) {
    require(images, DataType.UINT8);
    run("coarse_logits", images);
  }

  /**
   * How much the body's result changes if the memory that its convolutions write to held NaN
   * before, as ‖a − b‖₂ / ‖b‖₂: more than rounding, or not a number, if a kernel reads what it has
   * not written. For {@link TorchScriptVariant.Kernels#CUDNN} alone.
   *
   * @param images uint8 [N, H, W, C]
   */
  double nanPoisonedError(NDArray images) {
    require(images, DataType.UINT8);
    try (IValue argument = IValue.from((PtNDArray) images)) {
      // The first time the first convolutions may get memory that no NaN has been left in yet.
      number("nan_poisoned_error", argument);
      return number("nan_poisoned_error", argument);
    }
  }

  @Override
  public void segment(NDArray images, NDArray labels, @Nullable NDArray confidence) {
    require(images, DataType.UINT8);
    require(labels, DataType.UINT8, images.getShape().slice(0, 3));
    write("segment", images, labels, confidence);
  }

  @Override
  public NDArray probabilities(NDArray images) {
    require(images, DataType.UINT8);
    return tensor("class_probabilities", images);
  }

  /** {@code probabilities} of {@link TorchScriptProgram}, in the manager of {@code logits}. */
  NDArray probabilities(NDArray logits, NDArray like) {
    return tensor("probabilities", logits, like);
  }

  /** {@code pixels} of {@link TorchScriptProgram}, in the manager of {@code images}. */
  NDArray pixels(NDArray images) {
    require(images, DataType.UINT8);
    return tensor("pixels", images);
  }

  /** {@code choose} of {@link TorchScriptProgram}. */
  void choose(NDArray logits, NDArray labels, @Nullable NDArray confidence) {
    write("choose", logits, labels, confidence);
  }

  private void write(String method, NDArray input, NDArray labels, @Nullable NDArray confidence) {
    if (confidence == null) {
      run(method, input, labels);
    } else {
      require(confidence, DataType.UINT8, labels.getShape());
      run(method + "_with_confidence", input, labels, confidence);
    }
  }

  /** Calls a method; the caller closes what goes in and what comes out. */
  IValue call(String method, IValue... arguments) {
    return IValueUtils.runMethod(block, method, arguments);
  }

  /** Calls a method that gives a float tensor of one element, and waits for it. */
  float number(String method, IValue... arguments) {
    try (IValue result = call(method, arguments);
        NDArray number = result.toTensor(manager)) {
      return number.toFloatArray()[0];
    }
  }

  private void run(String method, NDArray... arrays) {
    call(method, arrays).close();
  }

  /** Calls a method that gives a tensor, which belongs to the manager of the first array. */
  private NDArray tensor(String method, NDArray... arrays) {
    try (IValue result = call(method, arrays)) {
      return result.toTensor((PtNDManager) arrays[0].getManager());
    }
  }

  private IValue call(String method, NDArray... arrays) {
    IValue[] arguments =
        Arrays.stream(arrays).map(array -> IValue.from((PtNDArray) array)).toArray(IValue[]::new);
    try {
      return call(method, arguments);
    } finally {
      Arrays.stream(arguments).forEach(IValue::close);
    }
  }

  private static void require(NDArray array, DataType type, Shape shape) {
    require(array, type);
    if (!array.getShape().equals(shape)) {
      throw new IllegalArgumentException("expected shape " + shape + ", not " + array.getShape());
    }
  }

  private static void require(NDArray array, DataType type) {
    if (array.getDataType() != type || array.getShape().dimension() < 3) {
      throw new IllegalArgumentException(
          "expected an array of " + type + ", not " + array.getDataType() + array.getShape());
    }
  }

  /**
   * What went wrong in TorchScript. A program that runs shows the code first and says it last, but
   * for lists of what it would have done elsewhere; one that doesn't compile, as it may use what
   * this libtorch doesn't have, says it first.
   */
  static String reason(EngineException failure) {
    String message = String.valueOf(failure.getMessage()).strip();
    return message
        .lines()
        .filter(line -> line.startsWith("RuntimeError: "))
        .reduce((earlier, later) -> later)
        .orElseGet(() -> message.lines().findFirst().orElse(""));
  }

  @Override
  public void close() {
    block.close();
    manager.close();
  }
}
