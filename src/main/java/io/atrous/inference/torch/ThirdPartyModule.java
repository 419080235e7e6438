package io.atrous.inference.torch;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import io.atrous.model.ModelFileException;
import io.atrous.model.TorchScriptFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A TorchScript program of somebody else's between our own code for pixels and masks, which is the
 * same that surrounds our networks.
 *
 * <p><b>Threading:</b> confined to the thread that loaded it.
 */
final class ThirdPartyModule implements SegmentationModule {

  /** Under which torchvision's networks give their logits. */
  private static final String LOGITS_KEY = "out";

  private final TorchScriptFile file;
  private final PtNDManager manager;
  private final PtSymbolBlock program;
  private final TorchScriptModule ends;

  private ThirdPartyModule(
      TorchScriptFile file, PtNDManager manager, PtSymbolBlock program, TorchScriptModule ends) {
    this.file = file;
    this.manager = manager;
    this.program = program;
    this.ends = ends;
  }

  /**
   * Loads a program.
   *
   * @param compiler makes the code around it
   * @throws IOException if a temporary file can't be written
   * @throws ModelFileException if the file is no TorchScript program that this libtorch can load
   */
  static ThirdPartyModule load(TorchScriptFile file, TorchScriptCompiler compiler, Device device)
      throws IOException {
    TorchScriptModule ends =
        compiler.compilePrePost(file.spec().normalization(), file.program(), device);
    PtNDManager manager = (PtNDManager) PyTorch.engine().newBaseManager(device);
    try {
      String[] noExtraFiles = {};
      PtSymbolBlock program =
          JniUtils.loadModule(manager, file.file(), true, noExtraFiles, noExtraFiles, false);
      return new ThirdPartyModule(file, manager, program, ends);
    } catch (EngineException e) {
      manager.close();
      ends.close();
      throw unusable(file, "libtorch does not load it: " + TorchScriptModule.reason(e), e);
    } catch (Throwable e) {
      manager.close();
      ends.close();
      throw e;
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws ModelFileException if the program fails or its result is not what was specified
   */
  @Override
  public void segment(NDArray images, NDArray labels, @Nullable NDArray confidence) {
    ends.choose(logits(ends.pixels(images)), labels, confidence);
  }

  /**
   * {@inheritDoc}
   *
   * @throws ModelFileException if the program does not take images of that size
   */
  @Override
  public NDArray probabilities(NDArray images) {
    return ends.probabilities(logits(ends.pixels(images)), images);
  }

  private NDArray logits(NDArray x) {
    try (IValue argument = IValue.from((PtNDArray) x);
        IValue result = forward(argument, x.getShape())) {
      NDArray logits = tensor(result, (PtNDManager) x.getManager());
      Shape shape = logits.getShape();
      long count = x.getShape().get(0);
      int classes = file.spec().classes().size();
      if (shape.dimension() != 4 || shape.get(0) != count || shape.get(1) != classes) {
        throw unusable(
            file,
            "its result for %s is %s, not the [%d, %d, h, w] of %d classes"
                .formatted(x.getShape(), shape, count, classes, classes),
            null);
      }
      return logits;
    }
  }

  private IValue forward(IValue argument, Shape shape) {
    try {
      return IValueUtils.runMethod(program, "forward", argument);
    } catch (EngineException e) {
      throw unusable(
          file,
          "it fails on float32 images %s: %s".formatted(shape, TorchScriptModule.reason(e)),
          e);
    }
  }

  private NDArray tensor(IValue result, PtNDManager owner) {
    if (result.isTensor()) {
      return result.toTensor(owner);
    }
    if (result.isMap()) {
      Map<String, IValue> entries = result.toIValueMap();
      try {
        IValue logits = entries.get(LOGITS_KEY);
        if (logits != null && logits.isTensor()) {
          return logits.toTensor(owner);
        }
        throw unusable(
            file,
            "its result has no '%s' but %s".formatted(LOGITS_KEY, new TreeSet<>(entries.keySet())),
            null);
      } finally {
        entries.values().forEach(IValue::close);
      }
    }
    if (result.isTuple()) {
      IValue[] items = result.toIValueTuple();
      try {
        if (items.length > 0 && items[0].isTensor()) {
          return items[0].toTensor(owner);
        }
      } finally {
        Arrays.stream(items).forEach(IValue::close);
      }
    }
    throw unusable(file, "its result is of type " + result.getType() + ", not a tensor", null);
  }

  private static ModelFileException unusable(
      TorchScriptFile file, String why, @Nullable Throwable cause) {
    return new ModelFileException("TorchScript file " + file.origin() + ": " + why, cause);
  }

  @Override
  public void close() {
    ends.close();
    program.close();
    manager.close();
  }
}
