package io.atrous.inference.torch;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets DJL find the CUDA runtime that comes with PyTorch. DJL asks JNA for {@code cudart}, but the
 * file that comes with PyTorch has a digest in its name, so on a machine with NVIDIA's driver alone
 * DJL would see no GPU.
 *
 * <p>It puts a folder with the file as {@value #NAME} into the system property {@value
 * #SEARCH_PATH}, which JNA reads once: when its first library is loaded. <b>Not run on a GPU
 * yet.</b>
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class CudaRuntime {

  /** The file by which NVIDIA's driver shows its first GPU. */
  static final Path FIRST_GPU = Path.of("/dev/nvidia0");

  private static final Path DEVICES = Path.of("/dev");

  /** The variable that leads DJL to libraries which are unpacked already. */
  private static final String LIBRARY_PATH = "PYTORCH_LIBRARY_PATH";

  static final String NAME = "libcudart.so";
  static final String SEARCH_PATH = "jna.library.path";

  private static final Logger LOG = LoggerFactory.getLogger(CudaRuntime.class);
  private static final Pattern BUNDLED = Pattern.compile("libcudart-[^/]*\\.so[.\\d]*");

  /** Where DJL's jars of native libraries say what is in them. */
  private static final String CONTENTS = "native/lib/pytorch.properties";

  private static boolean exposed;

  private CudaRuntime() {}

  /**
   * Whether this process may see a GPU. If not, there is no need to load PyTorch to ask for them.
   */
  static boolean mayBeUsed() {
    String natives = System.getenv(LIBRARY_PATH);
    try {
      return hasDriver(DEVICES)
          && isBundled(
              natives == null ? null : Path.of(natives),
              Thread.currentThread().getContextClassLoader());
    } catch (IOException e) {
      LOG.debug("It can't be told whether CUDA is here", e);
      return true;
    }
  }

  /**
   * Whether a driver shows a GPU.
   *
   * @param devices the folder of the system's devices; where there is none, nobody can tell
   */
  static boolean hasDriver(Path devices) throws IOException {
    if (!Files.isDirectory(devices)) {
      return true;
    }
    // The second is how Windows shows GPUs to a Linux inside it.
    try (DirectoryStream<Path> gpus = Files.newDirectoryStream(devices, "{nvidia[0-9]*,dxg}")) {
      return gpus.iterator().hasNext();
    }
  }

  /**
   * Whether PyTorch's part for CUDA is here.
   *
   * @param natives the folder of PyTorch's unpacked libraries, if there is one
   * @param classPath the jars to look for native libraries in otherwise
   */
  static boolean isBundled(@Nullable Path natives, ClassLoader classPath) throws IOException {
    if (natives != null && Files.isDirectory(natives)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(natives, "*torch_cuda*")) {
        return files.iterator().hasNext();
      }
    }
    for (URL jar : Collections.list(classPath.getResources(CONTENTS))) {
      if (contents(jar).getProperty("flavor", "").startsWith("cu")) {
        return true;
      }
    }
    return false;
  }

  private static Properties contents(URL jar) throws IOException {
    Properties contents = new Properties();
    try (InputStream in = jar.openStream()) {
      contents.load(in);
    }
    return contents;
  }

  /** Makes the bundled runtime known if a GPU is here; the first call counts. */
  static synchronized void expose() {
    if (exposed || !Files.exists(FIRST_GPU)) {
      return;
    }
    exposed = true;
    String natives = System.getenv(LIBRARY_PATH);
    try {
      folder(
              natives == null ? null : Path.of(natives),
              Thread.currentThread().getContextClassLoader(),
              Path.of(System.getProperty("java.io.tmpdir")))
          .ifPresent(CudaRuntime::addToSearchPath);
    } catch (IOException e) {
      LOG.warn("The CUDA runtime of PyTorch can't be made known to DJL: {}", e.toString());
    }
  }

  private static void addToSearchPath(Path folder) {
    String others = System.getProperty(SEARCH_PATH);
    System.setProperty(
        SEARCH_PATH, others == null ? folder.toString() : others + File.pathSeparator + folder);
  }

  /**
   * Makes a folder with the bundled runtime under the name that DJL looks for; empty if none is
   * bundled.
   *
   * @param natives the folder of PyTorch's unpacked libraries, if there is one
   * @param classPath the jars to look for native libraries in otherwise
   * @param temporaryDirectory the parent of the folder, which goes when the JVM ends
   */
  static Optional<Path> folder(
      @Nullable Path natives, ClassLoader classPath, Path temporaryDirectory) throws IOException {
    if (natives != null && Files.isDirectory(natives)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(natives, "libcudart-*.so*")) {
        for (Path file : files) {
          Path folder = newFolder(temporaryDirectory);
          Files.createSymbolicLink(folder.resolve(NAME), file.toAbsolutePath());
          return Optional.of(folder);
        }
      }
    }
    for (URL jar : Collections.list(classPath.getResources(CONTENTS))) {
      Properties contents = contents(jar);
      Optional<String> runtime =
          Arrays.stream(contents.getProperty("libraries", "").split(",", -1))
              .filter(name -> BUNDLED.matcher(name).matches())
              .findFirst();
      if (runtime.isPresent()) {
        String resource =
            "pytorch/%s/%s/%s"
                .formatted(
                    contents.getProperty("flavor"),
                    contents.getProperty("classifier"),
                    runtime.get());
        try (InputStream in = classPath.getResourceAsStream(resource)) {
          if (in != null) {
            Path folder = newFolder(temporaryDirectory);
            Files.copy(in, folder.resolve(NAME));
            return Optional.of(folder);
          }
        }
      }
    }
    return Optional.empty();
  }

  private static Path newFolder(Path temporaryDirectory) throws IOException {
    Path folder = Files.createTempDirectory(temporaryDirectory, "atrous-cudart-");
    // What is registered last is deleted first.
    folder.toFile().deleteOnExit();
    folder.resolve(NAME).toFile().deleteOnExit();
    return folder;
  }

  /**
   * What to tell whoever has a GPU that is not used.
   *
   * @param firstGpu the file by which the driver shows a GPU
   * @param devices the number of GPUs that PyTorch sees
   */
  static Optional<String> unusedGpu(Path firstGpu, int devices) {
    return devices == 0 && Files.exists(firstGpu)
        ? Optional.of(
            "This machine has an NVIDIA GPU ("
                + firstGpu
                + "), but PyTorch sees none: build with -Pcu121 and install a driver for CUDA 12.1"
                + " or newer, or set inference.device=cpu if the CPU is meant")
        : Optional.empty();
  }
}
