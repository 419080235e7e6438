package io.atrous.inference.torch;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.pytorch.jni.JniUtils;
import io.atrous.inference.ExecutionTarget;
import io.atrous.process.CacheDirectory;
import io.atrous.process.CacheDirectoryException;
import io.atrous.process.TemporaryDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * DJL's PyTorch engine. The first call of a process loads it, and the first of a machine unpacks
 * its libraries to the {@link CacheDirectory}.
 *
 * <p>Meanwhile other processes wait: DJL loads all files in its folder, and so would load what
 * another one is still writing there, or has left there half-written.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class PyTorch {

  /** The names of what DJL unpacks before it is moved to its place. */
  private static final PathMatcher UNFINISHED =
      FileSystems.getDefault().getPathMatcher("glob:{tmp*,jni*tmp}");

  private static @Nullable Engine engine;

  private PyTorch() {}

  /**
   * Returns the engine.
   *
   * @throws CacheDirectoryException if it can't be unpacked there or loaded from there, such as for
   *     want of space
   */
  public static synchronized Engine engine() {
    if (engine == null) {
      CacheDirectory cache = CacheDirectory.current();
      engine =
          cache.alone(
              () -> {
                removeUnfinished(cache.pyTorch());
                return load(cache);
              });
    }
    return engine;
  }

  /** Returns the name and version of the library, such as {@code PyTorch 2.3.1}. */
  public static String version() {
    return "PyTorch " + engine().getVersion();
  }

  /** Sets how many threads compute one operation on a CPU. */
  public static void useThreads(int threads) {
    var unused = engine();
    JniUtils.setNumThreads(threads);
  }

  /**
   * Returns the devices of a target, each once, the first for what is on one only.
   *
   * @throws IllegalArgumentException if one is not here
   */
  public static List<Device> devices(ExecutionTarget target) {
    return target.lanes(TorchScriptEngine::cudaDevices).stream()
        .distinct()
        .map(TorchScriptEngine::device)
        .toList();
  }

  private static Engine load(CacheDirectory cache) {
    try {
      return Engine.getEngine("PyTorch");
    } catch (EngineException e) {
      if (e.getCause() instanceof IOException || e.getCause() instanceof LinkageError) {
        throw new CacheDirectoryException(
            "PyTorch can't be unpacked to %s and loaded from there: %s; a cache takes some 600 MB on a disk that may hold programs, and %s names it"
                .formatted(cache.path(), e.getCause().getMessage(), CacheDirectory.VARIABLE),
            e);
      }
      throw e;
    }
  }

  private static void removeUnfinished(Path folder) {
    try (Stream<Path> entries = Files.walk(folder, 2)) {
      List<Path> unfinished =
          entries.filter(entry -> UNFINISHED.matches(entry.getFileName())).toList();
      for (Path entry : unfinished) {
        TemporaryDirectory.delete(entry);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
