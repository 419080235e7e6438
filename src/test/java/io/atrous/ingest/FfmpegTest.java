package io.atrous.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.settings.CameraSettings;
import io.atrous.settings.CameraSettings.Size;
import io.atrous.settings.CameraSettings.Transport;
import io.atrous.settings.CameraUrl;
import io.atrous.settings.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The program that reads cameras: how it is found, and what it is told. */
@Timeout(60)
final class FfmpegTest {

  private static final Duration STALL = Duration.ofSeconds(10);

  @TempDir Path directory;

  private Path program(String version) throws IOException {
    Path program = directory.resolve("ffmpeg");
    Files.writeString(program, "#!/bin/sh\necho '" + version + "'\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    return program;
  }

  @Test
  void aMissingProgramIsOneSentenceThatSaysHowToGetIt() {
    assertThatThrownBy(() -> Ffmpeg.find("no-such-ffmpeg"))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("There is no program 'no-such-ffmpeg'")
        .hasMessageContaining("apt-get install ffmpeg")
        .hasMessageContaining("'ingest.ffmpeg'")
        .message()
        .hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright (c)",
        "ffmpeg version n5.0 Copyright (c)"
      })
  @DisabledOnOs(OS.WINDOWS)
  void anOldProgramIsRefused(String version) throws IOException {
    String program = program(version).toString();

    assertThatThrownBy(() -> Ffmpeg.find(program))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("too old")
        .hasMessageContaining("5.1 or newer");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ffmpeg version 5.1.9-0+deb12u1 Copyright (c)",
        "ffmpeg version n7.1 Copyright (c)",
        "ffmpeg version 8.0 Copyright (c)",
        "ffmpeg version N-109542-g842b8c4a4c Copyright (c)"
      })
  @DisabledOnOs(OS.WINDOWS)
  void anotherProgramWillDo(String version) throws Exception {
    assertThat(Ffmpeg.find(program(version).toString()).version()).isNotEmpty();
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aProgramThatIsAnotherIsRefused() throws IOException {
    String program = program("avconv 1").toString();

    assertThatThrownBy(() -> Ffmpeg.find(program))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("does not say that it is ffmpeg");
  }

  private static CameraSettings camera(
      String url, @Nullable Double fps, @Nullable Size size, boolean loops, String... arguments) {
    return new CameraSettings(
        "gate", CameraUrl.parse(url), fps, size, Transport.TCP, List.of(arguments), loops);
  }

  private static String line(CameraSettings camera, boolean passThrough) {
    return String.join(" ", FfmpegArguments.of(camera, STALL).list(passThrough));
  }

  @Test
  void rtspComesByTcpAndByTheTimeOfArrival() {
    assertThat(line(camera("rtsp://gate/live", null, null, false, "-probesize", "32"), false))
        .contains("-rtsp_transport tcp -timeout 30000000 -use_wallclock_as_timestamps 1")
        .contains("-probesize 32 -i rtsp://gate/live -map 0:v:0")
        .endsWith("-flush_packets 1 -f image2pipe pipe:1");
  }

  @Test
  void rateAndSizeAreTheFiltersBeforeTheEncoder() {
    assertThat(line(camera("rtsp://gate/live", 2.5, new Size(640, 360), false), false))
        .contains("max(0,t-prev_t)*2.5")
        .contains("',scale=640:360,settb=1/1000,setpts=N -fps_mode passthrough");
  }

  @Test
  void aSlowRateIsNoStall() {
    CameraSettings slow = camera("rtsp://gate/live", 0.01, null, false);

    assertThat(FfmpegArguments.of(slow, STALL).interval()).isEqualTo(Duration.ofSeconds(100));
    assertThat(FfmpegArguments.of(camera("rtsp://gate/", null, null, false), STALL).interval())
        .isZero();
  }

  @Test
  void whatHasJpegsIsCopiedUnlessItIsScaled() {
    FfmpegArguments jpegs = FfmpegArguments.of(camera("http://gate/", 5.0, null, false), STALL);
    assertThat(jpegs.filmsJpegs()).isTrue();
    assertThat(jpegs.mayPassThrough()).isTrue();
    assertThat(jpegs.rateLimit()).hasValue(5.0);
    assertThat(String.join(" ", jpegs.list(true)))
        .contains("-c:v copy -bsf:v setts=ts=N")
        .doesNotContain("mjpeg", "select", "-vf");

    FfmpegArguments scaled =
        FfmpegArguments.of(camera("http://gate/", null, new Size(64, 48), false), STALL);
    assertThat(scaled.mayPassThrough()).isFalse();
  }

  @Test
  void filesArePlayedAtTheirOwnPaceOnceOrAgainAndAgain() throws IOException {
    Path film = Files.createFile(directory.resolve("a:b film.mp4"));

    assertThat(line(camera(film.toString(), null, null, false), false))
        .contains("-re -i file:" + film)
        .doesNotContain("wallclock", "-stream_loop");
    assertThat(line(camera(film.toString(), null, null, true), false))
        .contains("-re -stream_loop -1 -i");
  }

  @Test
  void aFolderIsReadByItsKindOfFiles() throws IOException {
    Path folder = Files.createDirectory(directory.resolve("a[b]*"));
    Files.createFile(folder.resolve("1.JPG"));

    assertThat(line(camera(folder.toString(), 4.0, null, true), true))
        .contains("-f image2 -framerate 4.0 -pattern_type glob -c:v mjpeg -loop 1 -i ")
        .contains("/a\\[b\\]\\*/*.[jJ][pP]*[gG]");

    Files.createFile(folder.resolve("2.png"));
    assertThatThrownBy(() -> line(camera(folder.toString(), null, null, false), true))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("'camera.gate.url'")
        .hasMessageContaining("it has both");
  }

  @Test
  void aFileThatIsNotThereIsRefused() {
    String missing = directory.resolve("none.mp4").toString();

    assertThatThrownBy(() -> line(camera(missing, null, null, false), false))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("'camera.gate.url': there is no file or folder");
  }

  @Test
  void secretsAreHiddenWhereverTheyAreSaid() {
    Masking masking = new Masking(CameraUrl.parse("http://u:S3CRET@gate/a?token=T0KEN"));

    assertThat(
            List.of(
                masking.mask("Opening 'http://u:S3CRET@gate/a?token=T0KEN' for reading"),
                masking.mask("Authorization with S3CRET failed, token=T0KEN"),
                masking.mask("[hls] Opening 'https://x:OTHER@cdn/1.ts?sig=0THER' for reading")))
        .containsExactly(
            "Opening 'http://***@gate/a?***' for reading",
            "Authorization with *** failed, ***",
            "[hls] Opening 'https://***@cdn/1.ts?***' for reading");
  }
}
