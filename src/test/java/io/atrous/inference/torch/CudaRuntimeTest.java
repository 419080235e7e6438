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
  void aDriverShowsEachOfItsGpusAndWindowsShowsThemToALinuxInsideIt() throws IOException {
    assertThat(CudaRuntime.hasDriver(natives)).isFalse();
    Files.createFile(natives.resolve("nvidiactl"));
    assertThat(CudaRuntime.hasDriver(natives)).isFalse();

    Path second = Files.createFile(natives.resolve("nvidia1"));
    assertThat(CudaRuntime.hasDriver(natives)).isTrue();
    Files.delete(second);
    Files.createFile(natives.resolve("dxg"));
    assertThat(CudaRuntime.hasDriver(natives)).isTrue();
    // As on a system that shows no devices as files.
    assertThat(CudaRuntime.hasDriver(natives.resolve("none"))).isTrue();
  }

  @Test
  void cudaIsHereIfAJarOrAFolderOfLibrariesIsOfThatFlavour() throws IOException {
    try (URLClassLoader cpu = classPath(jar("cpu"));
        URLClassLoader cuda = classPath(jar("cpu"), jar("cu121"))) {
      assertThat(CudaRuntime.isBundled(null, cpu)).isFalse();
      assertThat(CudaRuntime.isBundled(null, cuda)).isTrue();

      // Unpacked libraries go before jars.
      assertThat(CudaRuntime.isBundled(natives, cuda)).isFalse();
      Files.createFile(natives.resolve("libtorch_cuda.so"));
      assertThat(CudaRuntime.isBundled(natives, cpu)).isTrue();
    }
  }

  private URL jar(String flavor) throws IOException {
    Path jar = temporary.resolve("jar-" + flavor);
    Files.writeString(
        Files.createDirectories(jar.resolve("native/lib")).resolve("pytorch.properties"),
        "flavor=" + flavor + "\nclassifier=linux-x86_64\nlibraries=libc10.so\n");
    return jar.toUri().toURL();
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
