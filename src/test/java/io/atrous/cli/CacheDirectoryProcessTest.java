package io.atrous.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.frame.FrameEncoder;
import io.atrous.frame.RgbImage;
import io.atrous.model.Model;
import io.atrous.process.CacheDirectory;
import io.atrous.process.ChildJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Processes that unpack all native libraries: OpenCV, PyTorch and JNA. */
@Execution(ExecutionMode.CONCURRENT)
@Tag("slow")
class CacheDirectoryProcessTest {

  @TempDir private Path directory;
  private Path working;
  private Path temporary;
  private Path image;

  @BeforeEach
  void makeFolders() throws IOException {
    working = Files.createDirectory(directory.resolve("working"));
    temporary = Files.createDirectory(directory.resolve("tmp"));
    image = directory.resolve("image.png");
    Files.write(image, FrameEncoder.png(RgbImage.allocate(90, 60)));
  }

  @Test
  void aUserWithoutAnAccountLeavesNothingBehind() throws Exception {
    Process process =
        predict(
            "masks",
            List.of("-Duser.home=?"),
            Map.of("HOME", directory.resolve("none").toString()));

    String output = output(process);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).contains(CacheDirectory.VARIABLE);
    assertThat(entries(working)).containsExactly(working.resolve("masks"));
    assertThat(entries(temporary)).isEmpty();
    assertThat(directory.resolve("none")).doesNotExist();
  }

  @Test
  void startsAtTheSameTimeShareWhatOneOfThemUnpacks() throws Exception {
    Path cache = directory.resolve("cache");
    // What a start that was killed has left, and DJL would load.
    Path left = cache.resolve("pytorch/tmp1/libtorch.so");
    Files.createDirectories(left.getParent());
    Files.writeString(left, "half a library");
    List<Process> starts = new ArrayList<>();
    for (int start = 0; start < 3; start++) {
      starts.add(
          predict("masks-" + start, List.of(), Map.of(CacheDirectory.VARIABLE, cache.toString())));
    }

    for (Process process : starts) {
      String output = output(process);
      assertThat(process.waitFor()).as(output).isZero();
    }
    assertThat(left).doesNotExist();
    assertThat(entries(cache.resolve("pytorch"))).hasSize(1);
    assertThat(entries(cache.resolve("javacpp"))).isNotEmpty();
    assertThat(entries(temporary)).isEmpty();
  }

  @Test
  void aCacheThatCanNotBeWrittenIsOneSentenceAndExitCode2() throws Exception {
    Process process =
        predict(
            "masks", List.of(), Map.of(CacheDirectory.VARIABLE, image.resolve("cache").toString()));

    assertThat(output(process).lines())
        .singleElement()
        .asString()
        .startsWith("atrous: ATROUS_CACHE_DIR must name a directory that this user can write: ");
    assertThat(process.waitFor()).isEqualTo(Main.BAD_INPUT);
  }

  /** The shell limits the size of files as a full disk would. */
  @Test
  void aCacheWithoutSpaceIsOneSentenceAndExitCode2() throws Exception {
    Path cache = directory.resolve("cache");
    ProcessBuilder builder =
        predicting("masks", List.of(), Map.of(CacheDirectory.VARIABLE, cache.toString()));
    List<String> command =
        new ArrayList<>(List.of("sh", "-c", "ulimit -f 20000; exec \"$@\"", "sh"));
    command.addAll(builder.command());
    Process process = builder.command(command).start();

    assertThat(output(process).lines())
        .filteredOn(line -> !line.contains(" INFO "))
        .last()
        .asString()
        .startsWith("atrous: PyTorch can't be unpacked to " + cache)
        .contains(CacheDirectory.VARIABLE);
    assertThat(process.waitFor()).isEqualTo(Main.BAD_INPUT);
    assertThat(entries(cache.resolve("pytorch"))).isEmpty();
  }

  private Process predict(String output, List<String> options, Map<String, String> environment)
      throws IOException {
    return predicting(output, options, environment).start();
  }

  private ProcessBuilder predicting(
      String output, List<String> options, Map<String, String> environment) {
    List<String> all = new ArrayList<>(options);
    all.addAll(
        List.of(
            "-Xmx256m",
            "-Djava.io.tmpdir=" + temporary,
            "-Dai.djl.offline=true",
            "--enable-native-access=ALL-UNNAMED"));
    ProcessBuilder builder =
        ChildJvm.running(
            Main.class,
            all,
            List.of(
                "model",
                "predict",
                Model.SHIPPED,
                image.toString(),
                "-o",
                output,
                "--engine=torch",
                "--overlay=none",
                "--input=64x96"));
    builder.environment().keySet().removeAll(List.of(CacheDirectory.VARIABLE, "XDG_CACHE_HOME"));
    builder.environment().putAll(environment);
    return builder.directory(working.toFile()).redirectErrorStream(true);
  }

  private static String output(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    }
  }
}
