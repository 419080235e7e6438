package io.atrous.inference.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With made-up files; that CUDA then starts has not been seen on a GPU. */
class CudaRuntimeTest {

  private static final String BUNDLED = "libcudart-9335f6a2.so.12";

  @TempDir private Path temporary;
  @TempDir private Path natives;

  @Test
  void linksTheRuntimeAmongUnpackedLibrariesUnderTheNameThatJnaLooksFor() throws IOException {
    Files.writeString(natives.resolve(BUNDLED), "cudart");

    try (URLClassLoader classPath = classPath()) {
      Path folder = CudaRuntime.folder(natives, classPath, temporary).orElseThrow();

      assertThat(folder.resolve("libcudart.so")).isSymbolicLink().hasContent("cudart");
    }
  }

  @Test
  void copiesTheRuntimeOutOfAJarThatIsNotUnpackedYet() throws IOException {
    Path jar = natives.resolve("jar");
    Path libraries = Files.createDirectories(jar.resolve("pytorch/cu121/linux-x86_64"));
    Files.writeString(libraries.resolve(BUNDLED), "cudart");
    Files.writeString(
        Files.createDirectories(jar.resolve("native/lib")).resolve("pytorch.properties"),
        "flavor=cu121\nclassifier=linux-x86_64\nlibraries=libc10.so," + BUNDLED + "\n");

    try (URLClassLoader classPath = classPath(jar.toUri().toURL())) {
      Path folder = CudaRuntime.folder(null, classPath, temporary).orElseThrow();

      assertThat(folder.resolve("libcudart.so")).hasContent("cudart");
    }
  }

  @Test
  void makesNoFolderIfNoRuntimeIsBundled() throws IOException {
    Files.writeString(natives.resolve("libc10.so"), "");

    try (URLClassLoader classPath = classPath()) {
      assertThat(CudaRuntime.folder(natives, classPath, temporary)).isEmpty();
    }
    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void saysWhatToDoIfAGpuIsHereAndTheCpuIsUsed() throws IOException {
    Path gpu = Files.createFile(natives.resolve("nvidia0"));

    assertThat(CudaRuntime.unusedGpu(gpu, 0).orElseThrow())
        .contains("build with -Pcu121")
        .contains("inference.device=cpu");
    assertThat(CudaRuntime.unusedGpu(gpu, 1)).isEmpty();
    assertThat(CudaRuntime.unusedGpu(natives.resolve("none"), 0)).isEmpty();
  }

  /** A class path without this project's. */
  private static URLClassLoader classPath(URL... urls) {
    return new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
  }
}
