package io.atrous.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.Rule;
import io.fabric8.openshift.api.model.monitoring.v1.RuleGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The alerts and the board, which docker-compose.yml takes from the chart as they stand. */
final class AlertsTest {

  private static final ObjectMapper YAML = new YAMLMapper();
  private static final Path ALERTS = Chart.FOLDER.resolve("files/alerts.yml");
  private static final Path BOARD = Chart.FOLDER.resolve("files/dashboards/atrous.json");

  @TempDir private Path folder;

  @Test
  void withoutOtherValuesTheChartsAlertsAreTheFiles() throws IOException {
    Path values =
        Files.writeString(
            folder.resolve("values.yaml"), "alerts: {enabled: true, matchers: 'job=\"atrous\"'}");

    assertThat(rules(Chart.render(Chart.ciFile("minimal"), values))).isEqualTo(rulesOfTheFile());
  }

  @Test
  void eachAlertLooksAtThisReleaseAndLeadsToTheGivenPage() throws IOException {
    assertThat(rules(Chart.render(Chart.ciFile("monitoring"))))
        .hasSameSizeAs(rulesOfTheFile())
        .allSatisfy(
            rule -> {
              assertThat(expression(rule))
                  .contains("{namespace=\"vision\",job=\"cams\"")
                  .doesNotContain("atrous\"");
              assertThat(rule.getAnnotations().get("runbook_url"))
                  .startsWith("https://handbook.example/atrous/operations.md#atrous");
            });
  }

  @Test
  void aThresholdIsTheNumberAtTheExpressionsEnd() throws IOException {
    Map<String, String> expressions =
        rules(Chart.render(Chart.ciFile("monitoring"))).stream()
            .collect(Collectors.toMap(Rule::getAlert, AlertsTest::expression));

    assertThat(expressions.get("AtrousLagHigh")).endsWith(" > 20");
    assertThat(expressions.get("AtrousDeadLetters")).endsWith(" > 0.0005");
    assertThat(expressions.get("AtrousShedding")).endsWith(" > 0.1");
    assertThat(expressions.get("AtrousBatchLimitReduced")).endsWith(" < 16");
  }

  @Test
  void everyThresholdIsAnAlerts() throws IOException {
    JsonNode thresholds = YAML.readTree(Chart.VALUES.toFile()).at("/alerts/thresholds");

    assertThat(rulesOfTheFile())
        .extracting(Rule::getAlert)
        .containsAll(thresholds.propertyStream().map(Map.Entry::getKey).toList());
  }

  @Test
  void theChartsBoardIsTheFileForThisRelease() throws IOException {
    ConfigMap board =
        Chart.render(Chart.ciFile("monitoring")).of(ConfigMap.class).stream()
            .filter(map -> map.getMetadata().getName().equals("cams-dashboard"))
            .findFirst()
            .orElseThrow();
    ObjectNode expected = (ObjectNode) YAML.readTree(Files.readString(BOARD));
    expected.put("uid", "cams").put("title", "Atrous: cams");

    assertThat(board.getMetadata().getLabels()).containsEntry("grafana_dashboard", "1");
    assertThat(board.getMetadata().getAnnotations()).containsEntry("grafana_folder", "Vision");
    String text = Objects.requireNonNull(board.getData().get("cams.json"));
    assertThat(
            YAML.readTree(text.replace("namespace=\\\"vision\\\",job=\\\"cams", "job=\\\"atrous")))
        .isEqualTo(expected);
    assertThat(text).doesNotContain("job=\\\"atrous");
  }

  private static List<Rule> rules(Manifests manifests) {
    return manifests.one(PrometheusRule.class).getSpec().getGroups().get(0).getRules();
  }

  private static List<Rule> rulesOfTheFile() throws IOException {
    JsonNode group = YAML.readTree(ALERTS.toFile()).at("/groups/0");
    return YAML.treeToValue(group, RuleGroup.class).getRules();
  }

  private static String expression(Rule rule) {
    return rule.getExpr().getStrVal();
  }
}
