package io.atrous.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What OpenTelemetry's own settings can't be. */
final class TracingSdkTest {

  @ParameterizedTest
  @CsvSource({
    "otel.exporter.otlp.protocol, grpc, GrpcSender",
    "otel.exporter.otlp.protocol, carrier-pigeon, carrier-pigeon",
    "otel.exporter.otlp.endpoint, nowhere, nowhere",
    "otel.exporter.otlp.timeout, soon, otel.exporter.otlp.timeout=soon",
    "otel.traces.exporter, zipper, otel.traces.exporter: zipper",
    "otel.traces.sampler, sometimes, otel.traces.sampler: sometimes",
    "otel.bsp.max.queue.size, many, otel.bsp.max.queue.size=many",
  })
  void anImpossibleValueIsRefusedInASentence(String property, String value, String named) {
    System.setProperty(property, value);
    try {
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> TracingSdk.start("cameras"))
          .withMessageStartingWith("OpenTelemetry can't be configured")
          .satisfies(refusal -> assertThat(refusal.getMessage()).contains(named).hasLineCount(1));
    } finally {
      System.clearProperty(property);
    }
  }

  @Test
  void secretsInHeadersAreNotQuoted() {
    System.setProperty("otel.exporter.otlp.headers", "s3cr3t");
    try {
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> TracingSdk.start("cameras"))
          .withMessageContaining("otel.exporter.otlp.headers")
          .withMessageNotContaining("s3cr3t");
    } finally {
      System.clearProperty("otel.exporter.otlp.headers");
    }
  }
}
