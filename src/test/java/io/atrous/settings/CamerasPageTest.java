package io.atrous.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.junit.jupiter.api.Test;

/** The tables of keys in docs/cameras.md. */
final class CamerasPageTest {

  private static final Path PAGE = Path.of("docs", "cameras.md");
  private static final Pattern TABLE =
      Pattern.compile("(\\| key of a camera \\| meaning \\|\n).*?(?=\n\n)", Pattern.DOTALL);
  private static final Pattern COMMON =
      Pattern.compile(
          "(\\| key of all cameras \\| meaning \\| default \\|\n).*?(?=\n\n)", Pattern.DOTALL);

  /** Run with {@code -Datrous.render=true} to write the tables anew. */
  @Test
  void thePageSaysWhatTheCodeSays() throws IOException {
    String page = Files.readString(PAGE);
    String expected = replaced(COMMON, replaced(TABLE, page, camera()), common());
    if (Boolean.getBoolean("atrous.render")) {
      Files.writeString(PAGE, expected);
    }

    assertThat(PAGE).hasContent(expected);
  }

  private static String replaced(Pattern table, String page, String rows) {
    Matcher found = table.matcher(page);
    assertThat(found.find()).isTrue();
    return found.replaceFirst(Matcher.quoteReplacement(found.group(1) + rows));
  }

  private static String camera() {
    return CameraKeys.PROPERTIES.entrySet().stream()
        .map(row -> "| `camera.NAME.%s` | %s |".formatted(row.getKey(), row.getValue()))
        .collect(Collectors.joining("\n", "| --- | --- |\n", ""));
  }

  private static String common() {
    ConfigDef definition = new ConfigDef();
    IngestKeys.define(definition);
    return definition.configKeys().values().stream()
        .map(
            key ->
                "| `%s` | %s | %s |"
                    .formatted(
                        key.name,
                        key.documentation,
                        key.defaultValue == null ? "" : "`" + key.defaultValue + "`"))
        .collect(Collectors.joining("\n", "| --- | --- | --- |\n", ""));
  }
}
