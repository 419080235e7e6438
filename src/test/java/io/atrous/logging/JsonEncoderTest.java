package io.atrous.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class JsonEncoderTest {

  private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();

  @Test
  void anEventIsAnObjectOnALineUnderNamesThatCollectorsKnow() throws IOException {
    LoggingEvent event = event("No mask: {}", null, "it is \"damaged\"\nand more");
    event.setMDCPropertyMap(Map.of("outcome", "frames/3@7", "camera", "gate-7"));

    assertThat(line(event))
        .isEqualTo(
            "{\"@timestamp\":\"2026-01-02T03:04:05.000Z\",\"level\":\"WARN\","
                + "\"logger_name\":\"io.atrous.Something\",\"thread_name\":\"worker\","
                + "\"message\":\"No mask: it is \\\"damaged\\\"\\nand more\","
                + fields(event)
                + "}\n");
  }

  private static String fields(LoggingEvent event) {
    return event.getMDCPropertyMap().entrySet().stream()
        .map(field -> "\"%s\":\"%s\"".formatted(field.getKey(), field.getValue()))
        .reduce((one, other) -> one + "," + other)
        .orElseThrow();
  }

  @Test
  void aStackTraceIsOneTextWithItsCauses() throws IOException {
    LoggingEvent event =
        event(
            "It failed", new IllegalStateException("first", new IOException("second\u2028forged")));

    String line = line(event);
    JsonNode json = new ObjectMapper().readTree(line);

    assertThat(line).hasLineCount(1);
    assertThat(json.get("stack_trace").asText())
        .startsWith("java.lang.IllegalStateException: first")
        .contains(
            "\tat io.atrous.logging.JsonEncoderTest", "Caused by: java.io.IOException: second");
  }

  @Test
  void strangersWordsComeBackAsTheyWereButCommandNoTerminal() throws IOException {
    String words = "\u001b[2J\u009b31m \u202e späť 摄像头 \ud83d\ude00";

    String line = line(event("{}", null, words));

    assertThat(line.strip()).matches("[ -~]+");
    assertThat(new ObjectMapper().readTree(line).get("message").asText()).isEqualTo(words);
  }

  private LoggingEvent event(String message, @Nullable Throwable thrown, Object... arguments) {
    LoggingEvent event =
        new LoggingEvent(
            "", context.getLogger("io.atrous.Something"), Level.WARN, message, thrown, arguments);
    event.setThreadName("worker");
    event.setInstant(Instant.parse("2026-01-02T03:04:05Z"));
    return event;
  }

  private static String line(LoggingEvent event) {
    return new String(new JsonEncoder().encode(event), UTF_8);
  }
}
