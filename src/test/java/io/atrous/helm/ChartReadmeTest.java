package io.atrous.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class ChartReadmeTest {

  private static final Pattern KEY = Pattern.compile("^( *)([A-Za-z0-9]+):.*$");
  private static final int INDENT = 2;

  /** Run with {@code -Datrous.render=true} to write the page anew. */
  @Test
  void thePageSaysWhatTheValuesSay() throws IOException {
    String page = page();
    if (Boolean.getBoolean("atrous.render")) {
      Files.writeString(Chart.README, page);
    }

    assertThat(Chart.README).hasContent(page);
  }

  @Test
  void theChartIsOfTheProjectsVersion() throws IOException {
    JsonNode chart = new YAMLMapper().readTree(Chart.FOLDER.resolve("Chart.yaml").toFile());

    assertThat(chart.path("appVersion").asText()).isEqualTo(System.getProperty("atrous.version"));
  }

  private static String page() throws IOException {
    JsonNode values = new YAMLMapper().readTree(Chart.VALUES.toFile());
    StringBuilder page = new StringBuilder(INTRODUCTION);
    List<String> comment = new ArrayList<>();
    Deque<String> path = new ArrayDeque<>();
    for (String line : Files.readAllLines(Chart.VALUES)) {
      Matcher key = KEY.matcher(line);
      if (line.strip().startsWith("# ")) {
        comment.add(line.strip().substring(2));
      } else if (key.matches()) {
        while (path.size() > key.group(1).length() / INDENT) {
          path.removeLast();
        }
        path.addLast(key.group(2));
        assertThat(comment).as("comment of %s", path).isNotEmpty();
        JsonNode value = values.at("/" + String.join("/", path));
        page.append(
            "| `%s` | %s | %s |\n"
                .formatted(
                    String.join(".", path),
                    isGroup(value) ? "" : "`" + value + "`",
                    String.join(" ", comment).replace("|", "\\|")));
        comment.clear();
      }
    }
    return page.toString();
  }

  private static boolean isGroup(JsonNode value) {
    return value.isObject() && !value.isEmpty();
  }

  private static final String INTRODUCTION =
      """
      # Helm chart of Atrous

      <!-- Rendered from values.yaml by ChartReadmeTest; don't edit. -->

      Runs the service on Kubernetes 1.27 or newer. Topics are yours to create, and so are Secrets. [docs/operations.md](../../docs/operations.md)
      walks through installing, scaling and upgrading; [docs/configuration.md](../../docs/configuration.md) has the keys of `config`.

      ```yaml
      config:
        application.id: cameras
        bootstrap.servers: kafka-1:9092,kafka-2:9092
        schema.registry.url: http://registry:8081
        frames.topics: frames
      ```

          helm install cameras helm/atrous --values values.yaml

      `ci/` has a file of values for each feature. Misspelt keys are refused, of `config` too, and values that contradict each other end in a
      sentence that says which.

      ## Values

      | value | default | meaning |
      | --- | --- | --- |
      """;
}
