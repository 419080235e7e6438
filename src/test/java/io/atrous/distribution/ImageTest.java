package io.atrous.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The image that {@code ./mvnw package -Pimage} makes, as its tar says it; nothing is started. */
class ImageTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String HOME = "/opt/atrous/";
  private static final String CACHE = "/var/cache/atrous";
  private static final int MAX_TEXT_BYTES = 4 << 20;

  private static JsonNode container;
  private static JsonNode config;

  /** What each layer of our own adds, by path; the base's are not among them. */
  private static final List<Map<String, TarArchiveEntry>> LAYERS = new ArrayList<>();

  private static final Map<String, String> TEXTS = new HashMap<>();

  @BeforeAll
  static void read() throws IOException {
    Path image = Path.of(System.getProperty("atrous.image"));
    assertThat(image).as("made by ./mvnw package -Pimage").exists();
    Map<String, JsonNode> descriptions = new HashMap<>();
    Map<String, Map<String, TarArchiveEntry>> layers = new HashMap<>();
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(new BufferedInputStream(Files.newInputStream(image)))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (entry.getName().endsWith(".json")) {
          descriptions.put(entry.getName(), JSON.readTree(tar.readAllBytes()));
        } else {
          layers.put(entry.getName(), layer(tar));
        }
      }
    }
    JsonNode manifest = descriptions.get("manifest.json").get(0);
    config = descriptions.get(manifest.get("Config").textValue());
    container = config.get("config");
    for (JsonNode layer : manifest.get("Layers")) {
      Map<String, TarArchiveEntry> files = layers.get(layer.textValue());
      if (files.keySet().stream().anyMatch(path -> path.startsWith(HOME) || path.equals(CACHE))) {
        LAYERS.add(files);
      }
    }
  }

  @SuppressWarnings("resource") // The archive's stream, which goes on after the layer.
  private static Map<String, TarArchiveEntry> layer(TarArchiveInputStream archive)
      throws IOException {
    Map<String, TarArchiveEntry> files = new HashMap<>();
    TarArchiveInputStream layer = new TarArchiveInputStream(new GZIPInputStream(archive));
    for (TarArchiveEntry entry = layer.getNextEntry();
        entry != null;
        entry = layer.getNextEntry()) {
      String path = "/" + entry.getName().replaceFirst("/$", "");
      files.put(path, entry);
      if (path.matches(".*\\.(json|options|txt)") && entry.getSize() < MAX_TEXT_BYTES) {
        TEXTS.put(path, new String(layer.readAllBytes(), UTF_8));
      }
    }
    return files;
  }

  @Test
  void itsUserIsNobodyOfTheSystem() {
    assertThat(container.get("User").textValue()).isEqualTo("10001:10001");
    assertThat(container.get("WorkingDir").textValue() + "/").isEqualTo(HOME);
  }

  @Test
  void javaIsStartedWithoutAShellByTheLaunchersOptions() throws IOException {
    List<String> entryPoint = texts(container.get("Entrypoint"));

    assertThat(entryPoint)
        .startsWith("java", "@" + HOME + "bin/jvm.options")
        .endsWith("io.atrous.cli.Main")
        .contains("-XX:SharedArchiveFile=" + CACHE + "/classes.jsa");
    assertThat(container.path("Cmd").isEmpty()).isTrue();
    assertThat(TEXTS)
        .containsEntry(HOME + "bin/jvm.options", Files.readString(Path.of("bin", "jvm.options")));
  }

  @Test
  void itsEnvironmentIsTheLaunchers() throws IOException {
    List<String> launchers =
        Files.readAllLines(Path.of("bin", "environment")).stream()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            .toList();

    assertThat(launchers).isNotEmpty();
    assertThat(texts(container.get("Env")))
        .containsAll(launchers)
        .contains("ATROUS_CACHE_DIR=" + CACHE, "PYTORCH_LIBRARY_PATH=" + HOME + "pytorch");
  }

  @Test
  void theClassPathIsTheServicesWithoutPyTorch() throws IOException {
    Set<String> expected =
        Stream.of(Files.readString(Path.of("target", "classpath")).split(File.pathSeparator, -1))
            .map(jar -> Path.of(jar).getFileName().toString())
            .filter(jar -> !jar.startsWith("pytorch-native-"))
            .collect(toSet());

    assertThat(jars("libs/")).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(jars("classpath/")).hasSize(1).allMatch(jar -> jar.startsWith("atrous-"));
  }

  @Test
  void itHasNeitherBrokerNorScala() {
    assertThat(jars("libs/"))
        .isNotEmpty()
        .noneMatch(jar -> jar.matches("(kafka_|kafka-server|kafka-metadata|kafka-raft|scala-).*"));
  }

  @Test
  void pyTorchIsUnpackedInALayerOfItsOwn() {
    List<Map<String, TarArchiveEntry>> withPyTorch =
        LAYERS.stream()
            .filter(layer -> layer.containsKey(HOME + "pytorch/libtorch_cpu.so"))
            .toList();

    assertThat(withPyTorch).hasSize(1);
    assertThat(files(withPyTorch.get(0), path -> true))
        .allMatch(path -> path.startsWith(HOME + "pytorch/lib"))
        .contains(
            HOME + "pytorch/libtorch.so",
            HOME + "pytorch/libc10.so",
            HOME + "pytorch/libdjl_torch.so");
  }

  @Test
  void itsUserMayWriteToTheCacheAndNothingElse() {
    for (Map<String, TarArchiveEntry> layer : LAYERS) {
      layer.forEach(
          (path, entry) -> {
            assertThat(entry.getLongUserId()).as(path).isZero();
            assertThat((entry.getMode() & 0002) != 0).as(path).isEqualTo(path.equals(CACHE));
          });
    }
    assertThat(container.get("Volumes").has(CACHE)).isTrue();
  }

  @Test
  void itTellsWhatItIsAndWhatIsInIt() throws IOException {
    assertThat(container.at("/Labels/org.opencontainers.image.title").textValue())
        .isEqualTo("Atrous");
    assertThat(container.at("/Labels/org.opencontainers.image.licenses").textValue())
        .isEqualTo("Apache-2.0");
    assertThat(TEXTS.get(HOME + "licenses/THIRD-PARTY.txt")).contains("Kafka");
    List<String> components =
        JSON.readTree(TEXTS.get(HOME + "bom.json")).get("components").findValuesAsText("name");
    assertThat(components)
        .contains("kafka-streams", "pytorch-engine", "opencv")
        .doesNotContain("kafka_2.13", "scala-library", "junit-jupiter");
  }

  /** So that the same sources give the same digest. */
  @Test
  void noTimeIsThatOfTheBuild() {
    Instant time = Instant.parse(System.getProperty("atrous.image.time"));

    assertThat(Instant.parse(config.get("created").textValue())).isEqualTo(time);
    for (Map<String, TarArchiveEntry> layer : LAYERS) {
      layer.forEach(
          (path, entry) ->
              assertThat(entry.getLastModifiedTime().toInstant())
                  .as(path)
                  .isIn(time, Instant.EPOCH.plusSeconds(1)));
    }
  }

  private static Set<String> jars(String folder) {
    return LAYERS.stream()
        .flatMap(layer -> files(layer, path -> path.startsWith(HOME + folder)))
        .map(path -> path.substring(path.lastIndexOf('/') + 1))
        .collect(toSet());
  }

  private static Stream<String> files(
      Map<String, TarArchiveEntry> layer, Predicate<String> wanted) {
    return layer.values().stream()
        .filter(TarArchiveEntry::isFile)
        .map(entry -> "/" + entry.getName())
        .filter(wanted);
  }

  private static List<String> texts(JsonNode list) {
    return list.valueStream().map(JsonNode::asText).toList();
  }
}
