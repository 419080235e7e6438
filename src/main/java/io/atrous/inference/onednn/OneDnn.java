package io.atrous.inference.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx2_vnni;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_vnni;
import static org.bytedeco.dnnl.global.dnnl.dnnl_out_of_memory;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;
import static org.bytedeco.dnnl.global.dnnl.dnnl_unimplemented;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import io.atrous.inference.DeviceMemoryException;
import io.atrous.inference.EngineFailedException;
import io.atrous.process.CacheDirectory;
import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/**
 * The library oneDNN in this process. The first call loads it, and the first of a machine unpacks
 * it to the {@link CacheDirectory}.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class OneDnn {

  private static @Nullable Function setThreads;
  private static @Nullable String obstacle;

  private OneDnn() {}

  /**
   * Loads the library.
   *
   * @throws EngineFailedException if it is not made for this system
   */
  static synchronized void load() {
    if (setThreads == null && obstacle == null) {
      // Before the first library is unpacked.
      var unused = CacheDirectory.current();
      try {
        String file = Loader.load(dnnl.class);
        // The library itself and those that it needs are searched: the runtime that it runs on.
        setThreads = NativeLibrary.getInstance(file).getFunction("omp_set_num_threads");
      } catch (LinkageError e) {
        obstacle = e.toString();
      }
    }
    if (obstacle != null) {
      throw new EngineFailedException("oneDNN does not load here: " + obstacle, null);
    }
  }

  /** Returns whether the library loads on this system. */
  static boolean isHere() {
    try {
      load();
      return true;
    } catch (EngineFailedException e) {
      return false;
    }
  }

  /** Returns whether this processor multiplies numbers of eight bits without overflow. */
  static boolean hasInt8() {
    return has(dnnl_cpu_isa_avx512_core_vnni) || has(dnnl_cpu_isa_avx2_vnni);
  }

  /** Returns whether this processor multiplies bf16. */
  static boolean hasBf16() {
    return has(dnnl_cpu_isa_avx512_core_bf16);
  }

  /**
   * Asks for instructions.
   *
   * @param instructions a set of oneDNN's, with a bit for each extension
   */
  private static boolean has(int instructions) {
    load();
    return (dnnl.dnnl_get_effective_cpu_isa() & instructions) == instructions;
  }

  /** Returns the name and version of the library, such as {@code oneDNN 3.11.0}. */
  static String version() {
    load();
    dnnl_version_t version = dnnl.dnnl_version();
    return "oneDNN %d.%d.%d".formatted(version.major(), version.minor(), version.patch());
  }

  /**
   * Sets how many threads compute what the calling thread asks for, primitives that it makes
   * included. Each thread has a number of its own.
   */
  static synchronized void useThreads(int threads) {
    load();
    if (setThreads != null) {
      setThreads.invokeVoid(new Object[] {threads});
    }
  }

  /**
   * Takes a status that a call has returned.
   *
   * @param what was asked for, to end a sentence
   * @throws DeviceMemoryException if there was no memory for it
   * @throws EngineFailedException if it failed otherwise
   */
  static void check(int status, String what) {
    if (status == dnnl_success) {
      return;
    }
    if (status == dnnl_out_of_memory) {
      throw new DeviceMemoryException("the device is out of memory for " + what);
    }
    throw new EngineFailedException(
        status == dnnl_unimplemented
            ? "oneDNN has no kernel here for " + what
            : "oneDNN failed with status %d on %s".formatted(status, what),
        null);
  }
}
