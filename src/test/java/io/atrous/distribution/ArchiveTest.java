package io.atrous.distribution;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.frame.FrameEncoder;
import io.atrous.frame.RgbImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive that {@code ./mvnw package} makes, unpacked to a folder with a space in its name. */
@Tag("slow")
class ArchiveTest {

  private static final int SIGTERM_EXIT = 143;

  @TempDir static Path temporary;

  private static Path home;

  @BeforeAll
  static void unpack() throws Exception {
    Path archive = Path.of(System.getProperty("atrous.archive"));
    assertThat(archive).as("made by ./mvnw package").exists();
    Path folder = Files.createDirectory(temporary.resolve("a folder"));
    Process tar =
        new ProcessBuilder("tar", "-xzf", archive.toString(), "-C", folder.toString())
            .inheritIO()
            .start();
    assertThat(tar.waitFor()).isZero();
    try (Stream<Path> top = Files.list(folder)) {
      home = top.toList().get(0);
    }
  }

  @Test
  void theServiceHasNeitherBrokerNorScala() throws Exception {
    assertThat(jars("lib"))
        .contains("kafka-streams", "kafka-clients", "atrous")
        .contains("opentelemetry-exporter-otlp", "opentelemetry-exporter-sender-jdk")
        .noneMatch(jar -> jar.startsWith("kafka_") || jar.startsWith("scala-"))
        .doesNotContain("kafka-server", "kafka-metadata", "kafka-raft", "log4j-core");
  }

  @Test
  void theBrokersFolderHoldsOnlyWhatTheServiceLacks() throws Exception {
    assertThat(jars("lib/broker"))
        .contains("kafka_2.13", "kafka-server", "kafka-metadata", "kafka-raft", "scala-library")
        .doesNotContainAnyElementsOf(jars("lib"));
  }

  @Test
  void schemasAndLicencesAreInside() {
    for (String file :
        List.of(
            "LICENSE",
            "README.md",
            "licenses/THIRD-PARTY.txt",
            "schemas/FrameEvent.avsc",
            "bin/jvm.options",
            "bin/environment")) {
      assertThat(home.resolve(file)).isNotEmptyFile();
    }
  }

  @Test
  void aLinkToTheLauncherStartsIt() throws Exception {
    Path link = Files.createSymbolicLink(temporary.resolve("link"), home.resolve("bin/atrous"));

    Run run = run(link, "--version");

    assertThat(run.output()).startsWith("atrous ").doesNotContain("development build");
    assertThat(run.exitCode()).isZero();
  }

  @Test
  void theServiceRunsWithoutTheBrokersFolder() throws Exception {
    Files.move(home.resolve("lib/broker"), temporary.resolve("broker"));
    try {
      assertThat(run(home.resolve("bin/atrous"), "run", "--help").exitCode()).isZero();
      Run info = run(home.resolve("bin/atrous"), "model", "info", "builtin:street");
      assertThat(info.output()).contains("classes");
      assertThat(info.exitCode()).isZero();
    } finally {
      Files.move(temporary.resolve("broker"), home.resolve("lib/broker"));
    }
  }

  @Test
  void aServiceThatFindsNoBrokerSaysSoAndEndsWithAnError() throws Exception {
    Path config =
        Files.writeString(
            temporary.resolve("atrous.properties"),
            """
            application.id=atrous
            bootstrap.servers=127.0.0.1:1
            schema.registry.url=http://127.0.0.1:1
            frames.topics=frames
            model.file=builtin:street
            """);

    Run run = run(home.resolve("bin/atrous"), "run", "--config", config.toString());

    assertThat(run.exitCode()).as(run.output()).isEqualTo(2);
    assertThat(run.output()).contains("127.0.0.1:1");
  }

  @Test
  void theLauncherNeedsNoHome() throws Exception {
    Path working = Files.createDirectory(temporary.resolve("working"));
    Path temporaryFiles = Files.createDirectory(temporary.resolve("tmp"));
    ProcessBuilder demo = builder(home.resolve("bin/atrous"), demo(2));
    demo.environment().remove("XDG_CACHE_HOME");
    demo.environment().put("HOME", temporary.resolve("none").toString());
    // What an account that isn't there has.
    demo.environment()
        .put("ATROUS_JAVA_OPTS", "-Duser.home=? -Djava.io.tmpdir=%s".formatted(temporaryFiles));

    Run run = finished(demo.directory(working.toFile()).start());

    assertThat(run.exitCode()).as(run.output()).isZero();
    assertThat(working).isEmptyDirectory();
    assertThat(temporaryFiles).isEmptyDirectory();
  }

  @Test
  void theLauncherNamesFilesInUtf8WhereTheLocaleIsAscii() throws Exception {
    Path in = Files.createDirectory(temporary.resolve("in"));
    Path out = temporary.resolve("out");
    Files.write(in.resolve("café.png"), FrameEncoder.png(RgbImage.allocate(90, 60)));
    ProcessBuilder predict =
        builder(
            home.resolve("bin/atrous"),
            "model",
            "predict",
            "builtin:street",
            in.toString(),
            "--output=" + out,
            "--overlay=none");
    predict.environment().put("LC_ALL", "C");

    Run run = finished(predict.start());

    assertThat(run.exitCode()).as(run.output()).isZero();
    assertThat(run.output()).contains("café.png: ");
    assertThat(out.resolve("café.mask.png")).exists();
  }

  @Test
  void theDemoShowsMasksAndEnds() throws Exception {
    Run run = run(home.resolve("bin/atrous"), demo(2));

    assertThat(run.exitCode()).as(run.output()).isZero();
  }

  @Test
  void theDemoEndsInOrderWhenItIsAskedTo() throws Exception {
    Process demo = start(home.resolve("bin/atrous"), demo(600));
    try (BufferedReader output = demo.inputReader(StandardCharsets.UTF_8)) {
      assertThat(output.readLine()).isNotNull();

      // By its handle: the process itself would also close its streams.
      demo.toHandle().destroy();

      output.lines().forEach(line -> {});
      assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(demo.exitValue()).isIn(0, SIGTERM_EXIT);
    } finally {
      demo.destroyForcibly();
    }
  }

  private record Run(int exitCode, String output) {}

  private static String[] demo(int seconds) {
    return new String[] {"demo", "--cameras", "1", "--rate", "1", "--seconds", "" + seconds};
  }

  private static Run run(Path launcher, String... arguments) throws Exception {
    return finished(start(launcher, arguments));
  }

  private static Run finished(Process process) throws Exception {
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), output);
  }

  private static Process start(Path launcher, String... arguments) throws IOException {
    return builder(launcher, arguments).start();
  }

  private static ProcessBuilder builder(Path launcher, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(launcher.toString());
    command.addAll(Arrays.asList(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    return builder;
  }

  /** The names of a folder's jars, without their versions. */
  private static Set<String> jars(String folder) throws IOException {
    try (Stream<Path> files = Files.list(home.resolve(folder))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".jar"))
          .map(name -> name.replaceFirst("-\\d.*", ""))
          .collect(toSet());
    }
  }
}
