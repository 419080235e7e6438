package io.atrous.settings;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;

/** Renders docs/configuration.md from the keys themselves. */
final class ConfigurationPage {

  private ConfigurationPage() {}

  static String render() {
    StringJoiner page = new StringJoiner("\n", "", "\n");
    page.add("# Configuration");
    page.add("");
    page.add("<!-- Rendered from the keys by ConfigurationPageTest; don't edit. -->");
    page.add("");
    page.add(
        "`bin/atrous run --config FILE [--set key=value …]`. A file holds `key=value` lines in");
    page.add("UTF-8, with or without a byte-order mark; one in another encoding is refused.");
    page.add("The command line goes before the environment (`ATROUS_BOOTSTRAP_SERVERS` sets");
    page.add("`bootstrap.servers`), the environment before the file, the file before the default.");
    page.add("An unknown key fails the start.");
    Map<String, StringJoiner> sections = new LinkedHashMap<>();
    for (String group : ServiceConfig.DEFINITION.groups()) {
      StringJoiner section = new StringJoiner("\n");
      section.add("").add("## " + group).add("");
      section
          .add("| key | meaning | type | default | valid |")
          .add("| --- | --- | --- | --- | --- |");
      sections.put(group, section);
    }
    for (ConfigKey key : ServiceConfig.DEFINITION.configKeys().values()) {
      StringJoiner section = sections.get(key.group);
      if (section != null) {
        section.add(
            "| `%s` | %s | %s | %s | %s |"
                .formatted(
                    key.name,
                    cell(key.documentation),
                    key.type.name().toLowerCase(Locale.ROOT),
                    defaultValue(key),
                    key.validator == null ? "" : cell(key.validator.toString())));
      }
    }
    sections.values().forEach(section -> page.add(section.toString()));
    addReferences(page);
    page.add("");
    page.add("## Kafka's clients");
    page.add("");
    page.add(
        "`streams.` passes any setting of Kafka Streams through, and with `streams.consumer.`,");
    page.add(
        "`streams.producer.` and `streams.admin.` those of its clients; security settings such");
    page.add("as `streams.security.protocol` reach all of them. These the service's promises rest");
    page.add("on, and they are refused:");
    page.add("");
    page.add("| key | because |").add("| --- | --- |");
    ReservedKeys.reasons()
        .forEach((key, reason) -> page.add("| `" + key + "` | " + cell(reason) + " |"));
    return page.toString();
  }

  private static void addReferences(StringJoiner page) {
    page.add("");
    page.add("## References");
    page.add("");
    page.add("A value, or a part of it, may lie elsewhere, as secrets should:");
    page.add("");
    page.add("| in a value | stands for |").add("| --- | --- |");
    page.add("| `${file:/path/kafka.properties:key}` | a key of a properties file |");
    page.add("| `${dir:/path:name}` | what a file of that directory holds |");
    page.add("| `${env:NAME}` | an environment variable |");
    page.add("");
    page.add("Every value can have them, those behind `streams.` too, of the service and of all");
    page.add(
        "commands that take its settings. They are read once, when the process starts; the end");
    page.add("of a file's last line is no part of the value, and what was found is not resolved");
    page.add("again. A reference that leads nowhere fails the start with exit code 2 and is named");
    page.add("with its key. No message shows what was found.");
    page.add("");
    page.add("They are Kafka's own providers (KIP-297), and `config.providers` lists others:");
    page.add("");
    page.add("| key | meaning |").add("| --- | --- |");
    page.add(
        "| `config.providers` | Names of more providers; `dir`, `env` and `file` are there. |");
    page.add("| `config.providers.NAME.class` | A provider's class. |");
    page.add("| `config.providers.NAME.param.…` | Its parameters, as the class documents them. |");
    page.add(
        "| `config.providers.file.param.allowed.paths`, `config.providers.dir.param.allowed.paths` |"
            + " Where references of `file` and `dir` may lead, with commas; anywhere if not set. |");
    page.add(
        "| `config.providers.env.param.allowlist.pattern` | The variables that `env` may read, as a"
            + " regular expression; all if not set. |");
  }

  private static String defaultValue(ConfigKey key) {
    if (key.defaultValue == ConfigDef.NO_DEFAULT_VALUE) {
      return "**required**";
    }
    if (key.defaultValue == null || key.defaultValue.equals(List.of())) {
      return "";
    }
    return "`" + ConfigDef.convertToString(key.defaultValue, key.type) + "`";
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace("\n", " ");
  }
}
