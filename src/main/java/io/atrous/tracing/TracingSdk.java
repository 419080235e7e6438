package io.atrous.tracing;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import io.opentelemetry.sdk.resources.Resource;
import java.util.Map;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Makes OpenTelemetry's SDK as its own variables ({@code OTEL_…}) and system properties ({@code
 * otel.…}) say. Metrics and logs are left out: they have ways of their own.
 */
final class TracingSdk {

  /** Held, since the JDK forgets the settings of a logger that nobody holds. */
  private static final Logger SDK_LOGGER = Logger.getLogger("io.opentelemetry");

  /** The service has the JDK's sender only, which speaks HTTP. */
  private static final Map<String, String> DEFAULTS =
      Map.of("otel.exporter.otlp.protocol", "http/protobuf");

  private static final Map<String, String> TRACES_ONLY =
      Map.of("otel.metrics.exporter", "none", "otel.logs.exporter", "none");

  private static final String SERVICE_NAME = "otel.service.name";
  private static final String RESOURCE = "otel.resource.attributes";

  /** The values of headers are API keys; the SDK quotes them if it can't read them. */
  private static final Pattern SECRET = Pattern.compile("(headers=).*", Pattern.DOTALL);

  private TracingSdk() {}

  /**
   * Makes it and starts its exporter.
   *
   * @param serviceName name of the service, unless the SDK's settings name it
   * @throws IllegalArgumentException in a sentence, if a setting is impossible
   */
  static OpenTelemetrySdk start(String serviceName) {
    logBySlf4j();
    try {
      return AutoConfiguredOpenTelemetrySdk.builder()
          .disableShutdownHook()
          .addPropertiesSupplier(() -> DEFAULTS)
          .addPropertiesCustomizer(config -> TRACES_ONLY)
          .addResourceCustomizer((resource, config) -> named(resource, config, serviceName))
          .addSamplerCustomizer((sampler, config) -> new LinkSampler(sampler))
          .build()
          .getOpenTelemetrySdk();
    } catch (ConfigurationException | IllegalStateException e) {
      throw new IllegalArgumentException(
          "OpenTelemetry can't be configured as its variables say: "
              + SECRET.matcher(reason(e)).replaceFirst("$1***"));
    }
  }

  private static String reason(RuntimeException failure) {
    Throwable cause = failure.getCause();
    return cause == null
        ? String.valueOf(failure.getMessage())
        : failure.getMessage() + ": " + cause.getMessage();
  }

  private static Resource named(Resource resource, ConfigProperties config, String serviceName) {
    boolean isNamed =
        config.getString(SERVICE_NAME) != null
            || config.getMap(RESOURCE).containsKey(TraceAttributes.SERVICE.getKey());
    return isNamed
        ? resource
        : resource.merge(Resource.create(Attributes.of(TraceAttributes.SERVICE, serviceName)));
  }

  private static void logBySlf4j() {
    synchronized (SDK_LOGGER) {
      if (SDK_LOGGER.getUseParentHandlers()) {
        SDK_LOGGER.setUseParentHandlers(false);
        SDK_LOGGER.addHandler(new SLF4JBridgeHandler());
      }
    }
  }
}
