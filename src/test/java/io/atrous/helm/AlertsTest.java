package io.atrous.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class AlertsTest {

  private static final Path METRICS = Path.of("docs", "metrics.md");
  private static final Path OPERATIONS = Path.of("docs", "operations.md");

  private static final Pattern LISTED = Pattern.compile("`([a-z_]+)`");
  private static final Pattern SERIES = Pattern.compile("([a-z_]+)\\{");
  private static final Pattern HEADING = Pattern.compile("^#+ (.+)$", Pattern.MULTILINE);

  static List<Rule> alerts() throws IOException {
    return Chart.render(Chart.ciFile("monitoring"))
        .one(PrometheusRule.class)
        .getSpec()
        .getGroups()
        .get(0)
        .getRules();
  }

  @ParameterizedTest
  @MethodSource("alerts")
  void eachAlertLooksAtMetricsThatTheServiceHas(Rule alert) throws IOException {
    assertThat(found(SERIES, alert.getExpr().getStrVal()))
        .isNotEmpty()
        .isSubsetOf(found(LISTED, Files.readString(METRICS)));
  }

  @ParameterizedTest
  @MethodSource("alerts")
  void eachAlertHasASectionInTheOperatorsPage(Rule alert) throws IOException {
    Set<String> anchors =
        found(HEADING, Files.readString(OPERATIONS)).stream()
            .map(heading -> heading.toLowerCase(Locale.ROOT).replace(' ', '-'))
            .collect(Collectors.toSet());
    String runbook = alert.getAnnotations().getOrDefault("runbook_url", "");

    assertThat(runbook).startsWith("https://handbook.example/atrous/operations.md#");
    assertThat(anchors).contains(runbook.substring(runbook.indexOf('#') + 1));
  }

  private static Set<String> found(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map((MatchResult match) -> match.group(1))
        .collect(Collectors.toSet());
  }
}
