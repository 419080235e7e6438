package io.atrous.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.event.Topics;
import io.atrous.settings.CameraKeys;
import io.atrous.settings.IngestConfig;
import io.atrous.settings.ServiceConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.Yaml;

/** {@code docker-compose.yml} and the files of Prometheus and Grafana that it mounts. */
class ComposeTest {

  private static final Path FOLDER = Path.of("compose");
  private static final Path SHARED = Path.of("helm/atrous/files");
  private static final Path ALERTS = SHARED.resolve("alerts.yml");
  private static final Path BOARD = SHARED.resolve("dashboards/atrous.json");
  private static final Pattern PINNED = Pattern.compile("[\\w./-]+:v?\\d+\\.\\d+\\.\\d+[\\w.-]*");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonNode COMPOSE = yaml(Path.of("docker-compose.yml"));

  static Stream<Map.Entry<String, JsonNode>> services() {
    return COMPOSE.get("services").properties().stream();
  }

  @ParameterizedTest
  @MethodSource("services")
  void everyServiceHasAPinnedImage(Map.Entry<String, JsonNode> service) {
    assertThat(image(service.getValue())).matches(PINNED).doesNotContain("latest");
  }

  @ParameterizedTest
  @MethodSource("services")
  void portsAreOpenOnThisMachineOnly(Map.Entry<String, JsonNode> service) {
    assertThat(texts(service.getValue().path("ports")))
        .allMatch(port -> port.matches("127\\.0\\.0\\.1:[\\d-]+:\\d+"));
  }

  @ParameterizedTest
  @MethodSource("services")
  void aServiceWaitsForOnesThatThereAreInAWayTheyAllow(Map.Entry<String, JsonNode> service) {
    JsonNode all = COMPOSE.get("services");
    service
        .getValue()
        .path("depends_on")
        .properties()
        .forEach(
            dependency -> {
              JsonNode other = all.path(dependency.getKey());
              assertThat(other.isObject()).as(dependency.getKey()).isTrue();
              String condition = dependency.getValue().path("condition").textValue();
              if (other.path("restart").textValue().equals("no")) {
                assertThat(condition).isEqualTo("service_completed_successfully");
              } else {
                assertThat(condition).isEqualTo("service_healthy");
                assertThat(other.has("healthcheck")).as(dependency.getKey()).isTrue();
              }
            });
  }

  @ParameterizedTest
  @MethodSource("services")
  void whatIsMountedIsThere(Map.Entry<String, JsonNode> service) {
    Set<String> volumes = names(COMPOSE.get("volumes"));
    for (String mount : texts(service.getValue().path("volumes"))) {
      String source = mount.substring(0, mount.indexOf(':'));
      if (source.startsWith(".")) {
        assertThat(Path.of(source)).exists();
        assertThat(mount).endsWith(":ro");
      } else {
        assertThat(volumes).contains(source);
      }
    }
  }

  @Test
  void everyVolumeIsUsed() {
    Set<String> used = new HashSet<>();
    services()
        .flatMap(service -> texts(service.getValue().path("volumes")).stream())
        .forEach(mount -> used.add(mount.substring(0, mount.indexOf(':'))));

    assertThat(used).containsAll(names(COMPOSE.get("volumes")));
  }

  @Test
  void theServiceTakesItsSettings() {
    Map<String, String> settings =
        ServiceConfig.merge(null, environment(COMPOSE.at("/services/atrous")), Map.of());

    ServiceConfig config = ServiceConfig.of(settings);

    assertThat(config.originals()).hasSameSizeAs(settings);
  }

  @Test
  void theCamerasTakeTheServicesSettings() {
    Map<String, String> cameras = environment(COMPOSE.at("/services/cameras"));

    assertThat(ServiceConfig.forTools(ServiceConfig.merge(null, cameras, Map.of()))).isNotNull();
    assertThat(environment(COMPOSE.at("/services/atrous"))).containsAllEntriesOf(cameras);
  }

  @Test
  void realCamerasTakeTheServicesSettingsAndTheirOwnList() throws IOException {
    JsonNode ingest = COMPOSE.at("/services/ingest");
    Map<String, String> settings = ServiceConfig.merge(null, environment(ingest), Map.of());
    String list = texts(ingest.get("volumes")).get(1);
    String file = list.substring(0, list.indexOf(':'));
    String inContainer = list.substring(list.indexOf(':') + 1, list.lastIndexOf(':'));

    CameraKeys.add(List.of("gate=rtsp://192.0.2.7/stream"), settings);

    assertThat(IngestConfig.of(settings).cameras()).hasSize(1);
    assertThat(texts(ingest.get("command"))).containsExactly("ingest", "--config", inContainer);
    assertThat(Files.readString(Path.of(file))).contains("camera.gate.url=");
    assertThat(texts(ingest.get("profiles"))).containsExactly("ingest");
    assertThat(ingest.path("read_only").asBoolean()).isTrue();
    assertThat(texts(ingest.path("cap_drop"))).containsExactly("ALL");
    assertThat(Files.readString(FOLDER.resolve("ingest/Dockerfile")))
        .contains("ffmpeg", "USER 10001:10001");
  }

  @Test
  void theServiceNeedsNoRightsAndWritesToItsCacheAlone() {
    for (String name : List.of("atrous", "cameras")) {
      JsonNode service = COMPOSE.at("/services/" + name);
      assertThat(service.path("read_only").asBoolean()).isTrue();
      assertThat(service.path("user").textValue()).isEqualTo("10001:10001");
      assertThat(texts(service.path("cap_drop"))).containsExactly("ALL");
      assertThat(texts(service.path("security_opt"))).containsExactly("no-new-privileges:true");
      assertThat(texts(service.path("volumes"))).containsExactly("atrous-cache:/var/cache/atrous");
    }
  }

  @Test
  void theInitJobMakesTheTopicsOfTheService() {
    assertThat(texts(COMPOSE.at("/services/topics/command")).get(2))
        .contains(
            "for topic in %s %s %s %s;"
                .formatted(Topics.FRAMES, Topics.MASKS, Topics.REGIONS, Topics.DEAD_LETTERS));
  }

  @Test
  void versionsAreThoseOfTheBuild() throws Exception {
    assertThat(image(COMPOSE.at("/services/kafka")))
        .isEqualTo("apache/kafka:" + pom("kafka.version"))
        .isEqualTo(image(COMPOSE.at("/services/topics")));
    assertThat(image(COMPOSE.at("/services/schema-registry")))
        .endsWith(":" + pom("confluent.version"));
    assertThat(image(COMPOSE.at("/services/atrous"))).isEqualTo("atrous:" + pom("version"));
    assertThat(image(yaml(Path.of("compose.cuda.yml")).at("/services/atrous")))
        .isEqualTo("atrous:" + pom("version") + "-cu121");
  }

  @Test
  void theGpuFileChangesServicesThatThereAre() {
    JsonNode cuda = yaml(Path.of("compose.cuda.yml")).get("services");

    assertThat(names(COMPOSE.get("services"))).containsAll(names(cuda));
    assertThat(cuda.at("/atrous/deploy/resources/reservations/devices/0/capabilities/0").asText())
        .isEqualTo("gpu");
  }

  @Test
  void prometheusScrapesTheServiceWhereItListens() {
    JsonNode target =
        yaml(FOLDER.resolve("prometheus/prometheus.yml")).at("/scrape_configs/0/dns_sd_configs/0");

    assertThat(texts(target.get("names"))).containsExactly("atrous");
    assertThat(environment(COMPOSE.at("/services/atrous")))
        .containsEntry("ATROUS_WEB_LISTEN", "*:" + target.get("port").asInt());
  }

  @Test
  void prometheusFindsTheAlertsInTheCheckoutAndInTheContainer() {
    Path rules =
        Path.of(texts(yaml(FOLDER.resolve("prometheus/prometheus.yml")).get("rule_files")).get(0));
    Path inContainer = Path.of("/etc/prometheus").resolve(rules).normalize();

    assertThat(FOLDER.resolve("prometheus").resolve(rules).normalize()).isEqualTo(ALERTS);
    assertThat(texts(COMPOSE.at("/services/prometheus/volumes")))
        .contains("./" + SHARED + ":" + inContainer.getParent() + ":ro");
  }

  @Test
  void everyAlertAsksForMetricsThatThereAreAndNamesItsSection() throws IOException {
    ListedMetrics metrics = ListedMetrics.read();
    String operations = Files.readString(Path.of("docs", "operations.md"));
    Set<String> names = new TreeSet<>();
    for (JsonNode rule : yaml(ALERTS).at("/groups/0/rules")) {
      String name = rule.path("alert").textValue();
      metrics.check(rule.path("expr").textValue());
      assertThat(names.add(name)).as("one alert named %s", name).isTrue();
      assertThat(rule.at("/labels/severity").textValue()).isIn("warning", "critical");
      assertThat(rule.at("/annotations/summary").textValue()).isNotBlank();
      assertThat(rule.at("/annotations/description").textValue()).endsWith(".");
      assertThat(rule.at("/annotations/runbook_url").textValue())
          .isEqualTo("docs/operations.md#" + name.toLowerCase(Locale.ROOT));
      assertThat(operations).contains("\n### " + name + "\n");
    }
    assertThat(names).isNotEmpty();
  }

  @Test
  void everyPanelAsksForMetricsThatThereAre() throws IOException {
    ListedMetrics metrics = ListedMetrics.read();
    JsonNode board = JSON.readTree(BOARD.toFile());
    for (JsonNode panel : board.get("panels")) {
      assertThat(panel.path("targets")).as(panel.path("title").textValue()).isNotEmpty();
      panel.get("targets").forEach(target -> metrics.check(target.path("expr").textValue()));
    }
    for (JsonNode variable : board.at("/templating/list")) {
      String query = variable.at("/query/query").asText();
      if (!query.isEmpty()) {
        metrics.check(query.replaceFirst("label_values\\((.*), (\\w+)\\)", "max by ($2) ($1)"));
      }
    }
  }

  @Test
  void panelsHaveNamesAndPlacesOfTheirOwn() throws IOException {
    Set<String> cells = new HashSet<>();
    Set<Integer> ids = new HashSet<>();
    for (JsonNode panel : JSON.readTree(BOARD.toFile()).get("panels")) {
      assertThat(panel.path("title").textValue()).isNotBlank();
      assertThat(ids.add(panel.path("id").asInt())).isTrue();
      JsonNode place = panel.get("gridPos");
      for (int x = 0; x < place.get("w").asInt(); x++) {
        for (int y = 0; y < place.get("h").asInt(); y++) {
          assertThat(cells.add((place.get("x").asInt() + x) + "," + (place.get("y").asInt() + y)))
              .as(panel.path("title").textValue())
              .isTrue();
        }
      }
    }
  }

  @Test
  void grafanaFindsPrometheusAndTheBoardWhereTheyAre() {
    JsonNode source = yaml(FOLDER.resolve("grafana/provisioning/datasources/prometheus.yml"));
    JsonNode provider = yaml(FOLDER.resolve("grafana/provisioning/dashboards/atrous.yml"));
    JsonNode grafana = COMPOSE.at("/services/grafana");
    String folder = provider.at("/providers/0/options/path").textValue();

    assertThat(source.at("/datasources/0/url").textValue()).isEqualTo("http://prometheus:9090");
    assertThat(texts(grafana.get("volumes")))
        .contains("./" + BOARD.getParent() + ":" + folder + ":ro");
    assertThat(environment(grafana))
        .containsEntry(
            "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH", folder + "/" + BOARD.getFileName());
  }

  private static JsonNode yaml(Path file) {
    try {
      return JSON.valueToTree(new Yaml().load(Files.readString(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The image if no variable names another one. */
  private static String image(JsonNode service) {
    return service.path("image").textValue().replaceFirst("^\\$\\{\\w+:-(.*)}$", "$1");
  }

  private static Map<String, String> environment(JsonNode service) {
    Map<String, String> environment = new HashMap<>();
    service
        .get("environment")
        .properties()
        .forEach(variable -> environment.put(variable.getKey(), variable.getValue().asText()));
    return environment;
  }

  private static List<String> texts(JsonNode list) {
    return list.valueStream().map(JsonNode::asText).toList();
  }

  private static Set<String> names(JsonNode object) {
    Set<String> names = new TreeSet<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /** What the build's description says first about something. */
  private static String pom(String element) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(Path.of("pom.xml").toFile())
        .getElementsByTagName(element)
        .item(0)
        .getTextContent();
  }
}
