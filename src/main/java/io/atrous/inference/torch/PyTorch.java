package io.atrous.inference.torch;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;

/**
 * PyTorch's library in this process; to ask for it is to load it.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class PyTorch {

  private PyTorch() {}

  /** The name and version of the library, such as {@code PyTorch 2.3.1}. */
  public static String version() {
    return "PyTorch " + Engine.getEngine("PyTorch").getVersion();
  }

  /** Sets how many threads compute one operation on a CPU. */
  public static void useThreads(int threads) {
    Engine.getEngine("PyTorch");
    JniUtils.setNumThreads(threads);
  }
}
