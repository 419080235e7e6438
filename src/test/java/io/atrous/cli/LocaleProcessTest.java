package io.atrous.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.frame.FrameEncoder;
import io.atrous.frame.RgbImage;
import io.atrous.model.Model;
import io.atrous.process.ChildJvm;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A process in the locale that containers and cron have; the launcher would mend it. */
@Execution(ExecutionMode.CONCURRENT)
@Tag("slow")
class LocaleProcessTest {

  @TempDir private Path directory;

  @Test
  void oneNameThatTheLocaleCanNotHoldHarmsNoOther() throws Exception {
    Path in = Files.createDirectory(directory.resolve("in"));
    byte[] image = FrameEncoder.png(RgbImage.allocate(90, 60));
    Files.write(in.resolve("a.png"), image);
    Files.write(in.resolve("m.png"), image);
    Files.write(in.resolve("z.png"), image);
    Path out = directory.resolve("out");
    // By the shell, for which a name is bytes: café.png in UTF-8.
    Process rename =
        new ProcessBuilder("sh", "-c", "mv m.png \"$(printf 'caf\\303\\251.png')\"")
            .directory(in.toFile())
            .inheritIO()
            .start();
    assertThat(rename.waitFor()).isZero();

    Process process = predict(in, out);
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);

    assertThat(process.waitFor()).as(output).isEqualTo(Main.BAD_INPUT);
    assertThat(output)
        .contains("its name is not in the encoding of this locale", "LC_ALL", "C.UTF-8");
    assertThat(out.toFile().list())
        .containsExactlyInAnyOrder("a.mask.png", "z.mask.png", "classes.json");
  }

  private static Process predict(Path in, Path out) throws Exception {
    ProcessBuilder builder =
        ChildJvm.running(
            Main.class,
            List.of("-Xmx256m", "-Dai.djl.offline=true", "--enable-native-access=ALL-UNNAMED"),
            List.of(
                "model",
                "predict",
                Model.SHIPPED,
                in.toString(),
                "-o",
                out.toString(),
                "--overlay=none",
                "--input=64x96"));
    builder.environment().put("LC_ALL", "C");
    return builder.redirectErrorStream(true).start();
  }
}
