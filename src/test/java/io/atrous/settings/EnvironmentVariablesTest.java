package io.atrous.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EnvironmentVariablesTest {

  /** What Kubernetes sets in a pod beside Services called atrous and atrous-metrics. */
  @ParameterizedTest
  @CsvSource({
    "ATROUS_SERVICE_HOST, 10.96.0.7",
    "ATROUS_SERVICE_PORT, 9404",
    "ATROUS_SERVICE_PORT_HTTP, 9404",
    "ATROUS_PORT, tcp://10.96.0.7:9404",
    "ATROUS_PORT, udp://10.96.0.7:9404",
    "ATROUS_PORT_9404_TCP, tcp://10.96.0.7:9404",
    "ATROUS_PORT_9404_TCP_ADDR, 10.96.0.7",
    "ATROUS_PORT_9404_TCP_PORT, 9404",
    "ATROUS_PORT_9404_TCP_PROTO, tcp",
    "ATROUS_PORT_9404_UDP_ADDR, 10.96.0.7",
    "ATROUS_PORT_9404_SCTP_PROTO, sctp",
    "ATROUS_METRICS_SERVICE_HOST, 10.96.0.8",
    "ATROUS_METRICS_SERVICE_PORT_HTTP_METRICS, 9404",
    "ATROUS_METRICS_PORT, tcp://10.96.0.8:9404",
    "ATROUS_METRICS_PORT_9404_TCP_ADDR, 10.96.0.8"
  })
  void aServiceLinkOfKubernetesIsPassedOver(String name, String value) {
    assertThat(EnvironmentVariables.settings(Map.of(name, value))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ATROUS_PORT", "ATROUS_METRICS_PORT", "ATROUS_SERVICE", "ATROUS_PORT_TCP"})
  void anyOtherNameThatIsNoKeyFailsTheStart(String name) {
    Map<String, String> settings = new HashMap<>(ServiceConfigTest.REQUIRED);
    settings.putAll(EnvironmentVariables.settings(Map.of(name, "9404")));

    assertThatThrownBy(() -> ServiceConfig.of(settings)).hasMessageStartingWith("Unknown key '");
  }

  @Test
  void aVariableSetsTheKeyOfItsName() {
    assertThat(
            EnvironmentVariables.settings(
                Map.of(
                    "ATROUS_BOOTSTRAP_SERVERS", "broker:9092",
                    "ATROUS_JAVA_OPTS", "-Xmx1g",
                    "ATROUS_CACHE_DIR", "/var/cache/atrous",
                    "HOME", "/")))
        .containsOnly(Map.entry("bootstrap.servers", "broker:9092"));
  }
}
