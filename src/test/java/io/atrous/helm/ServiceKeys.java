package io.atrous.helm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** The service's keys, as docs/configuration.md lists them. */
final class ServiceKeys {

  private static final Path PAGE = Path.of("docs", "configuration.md");

  private static final Pattern ROW =
      Pattern.compile(
          "^\\| `([a-z0-9.]+)` \\| (.*) \\| ([a-z]+) \\| (.*) \\| (.*) \\|$", Pattern.MULTILINE);

  private ServiceKeys() {}

  /**
   * A key.
   *
   * @param type Kafka's name of its type in lower case
   * @param defaultValue the default; empty if there is none
   * @param valid which values are valid, as Kafka writes it; empty if all are
   */
  record Key(String name, String type, String defaultValue, String valid) {}

  static List<Key> read() throws IOException {
    return ROW.matcher(Files.readString(PAGE))
        .results()
        .map(
            row ->
                new Key(
                    row.group(1),
                    row.group(3),
                    row.group(4).replace("`", "").strip(),
                    row.group(5).strip()))
        .toList();
  }
}
