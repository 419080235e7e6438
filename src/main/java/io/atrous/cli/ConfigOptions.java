package io.atrous.cli;

import io.atrous.logging.LogFormat;
import io.atrous.settings.CameraKeys;
import io.atrous.settings.IngestConfig;
import io.atrous.settings.LogKeys;
import io.atrous.settings.ServiceConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say where the service's settings are: of every command that needs them. */
final class ConfigOptions {

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Settings, a key=value a line (docs/configuration.md).")
  private @Nullable Path file;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "A setting, which goes before the file and the environment; may be given several times.")
  private Map<String, String> settings = new LinkedHashMap<>();

  /**
   * The settings of the command line, the environment and the file, checked.
   *
   * @throws org.apache.kafka.common.config.ConfigException in one sentence that names the key
   */
  ServiceConfig read() {
    return logged(ServiceConfig.of(merged()));
  }

  /**
   * The part of them that tools need which work on the service's topics, checked.
   *
   * @throws org.apache.kafka.common.config.ConfigException in one sentence that names the key
   */
  AbstractConfig readForTools() {
    return logged(ServiceConfig.forTools(merged()));
  }

  /**
   * The settings of taking in cameras, checked.
   *
   * @param cameras more cameras, as {@code NAME=URL}
   * @throws org.apache.kafka.common.config.ConfigException in one sentence that names the key
   */
  IngestConfig readForIngest(List<String> cameras) {
    Map<String, String> merged = merged();
    CameraKeys.add(cameras, merged);
    return logged(IngestConfig.of(merged));
  }

  /** Has log lines written as settings say. */
  private static <C extends AbstractConfig> C logged(C config) {
    LogKeys.format(config).ifPresent(LogFormat::use);
    return config;
  }

  private Map<String, String> merged() {
    return ServiceConfig.merge(file, System.getenv(), settings);
  }
}
