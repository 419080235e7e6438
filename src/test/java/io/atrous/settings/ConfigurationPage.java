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
