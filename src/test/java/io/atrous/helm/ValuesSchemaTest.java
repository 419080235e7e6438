package io.atrous.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ValuesSchemaTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static final Pattern RANGE =
      Pattern.compile("\\[(-?[0-9.]+),\\.\\.\\.(?:,(-?[0-9.]+))?]");
  private static final Pattern CHOICE = Pattern.compile("\\[([a-z0-9_]+(?:, [a-z0-9_]+)+)]");
  private static final String PASSED_ON = "^streams\\.[A-Za-z0-9._-]+$";

  private static final String OF_PROVIDERS = "^config\\.providers(\\.[A-Za-z0-9._-]+)?$";

  /** Those that a variable's name can say. */
  private static final String PASSED_ON_AS_VARIABLE = "^streams(\\.[a-z0-9]+)+$";

  @TempDir private Path folder;

  /** Run with {@code -Datrous.render=true} to write the service's keys into the schema anew. */
  @Test
  void theSchemaKnowsTheServicesKeys() throws IOException {
    ObjectNode schema = (ObjectNode) MAPPER.readTree(Chart.SCHEMA.toFile());
    ObjectNode expected = schema.deepCopy();
    ObjectNode values = (ObjectNode) expected.get("properties");
    values.set("config", config());
    ((ObjectNode) values.get("secretConfig")).set("propertyNames", names());
    if (Boolean.getBoolean("atrous.render")) {
      Files.writeString(
          Chart.SCHEMA,
          MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(expected) + "\n");
      schema = expected;
    }

    assertThat(schema).isEqualTo(expected);
  }

  private static ObjectNode config() throws IOException {
    ObjectNode config = MAPPER.createObjectNode().put("type", "object");
    ObjectNode properties = config.putObject("properties");
    for (ServiceKeys.Key key : ServiceKeys.read()) {
      properties.set(key.name(), value(key));
    }
    ObjectNode patterns = config.putObject("patternProperties");
    ArrayNode types = patterns.putObject(PASSED_ON).putArray("type");
    List.of("string", "number", "boolean").forEach(types::add);
    patterns.putObject(OF_PROVIDERS).put("type", "string");
    return config.put("additionalProperties", false);
  }

  private static ObjectNode value(ServiceKeys.Key key) {
    ObjectNode value = MAPPER.createObjectNode();
    switch (key.type()) {
      case "int", "long" -> value.put("type", "integer");
      case "double" -> value.put("type", "number");
      case "boolean" -> value.put("type", "boolean");
      case "list" -> {
        value.putArray("type").add("string").add("array");
        value.putObject("items").put("type", "string");
      }
      default -> value.put("type", "string");
    }
    Matcher range = RANGE.matcher(key.valid());
    Matcher choice = CHOICE.matcher(key.valid());
    if (range.matches()) {
      value.put("minimum", Double.parseDouble(range.group(1)));
      if (range.group(2) != null) {
        value.put("maximum", Double.parseDouble(range.group(2)));
      }
    } else if (choice.matches()) {
      ArrayNode choices = value.putArray("enum");
      List.of(choice.group(1).split(", ", -1)).forEach(choices::add);
    }
    return value;
  }

  private static ObjectNode names() throws IOException {
    ObjectNode names = MAPPER.createObjectNode();
    ArrayNode either = names.putArray("anyOf");
    ArrayNode known = either.addObject().putArray("enum");
    ServiceKeys.read().forEach(key -> known.add(key.name()));
    either.addObject().put("pattern", PASSED_ON_AS_VARIABLE);
    return names;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          config: {batch.max.sise: 4}                       | batch.max.sise
          config: {batch.max.size: 1000}                    | batch.max.size
          config: {batch.max.size: many}                    | batch.max.size
          config: {mask.codec: jpeg}                        | mask.codec
          secretConfig: {bearer.auth.tokn: {name: a, key: b}} | bearer.auth.tokn
          secretConfig: {bearer.auth.token: {name: a}}      | key
          replica: 3                                        | replica
          gpu: {counts: 1}                                  | counts
          model: {source: s3}                               | source
          web: {port: 80}                                   | port
          model: {download: {image: 'curl:latest'}}         | image
          """)
  void aMisspeltOrImpossibleValueIsNamed(String values, String named) throws IOException {
    Path file = Files.writeString(folder.resolve("values.yaml"), values);

    assertThatThrownBy(() -> Chart.render(Chart.ciFile("minimal"), file))
        .hasMessageContaining(named);
  }
}
