package io.atrous.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class WebServerTest implements Health {

  private static final ListenAddress ANY_PORT = ListenAddress.parse("127.0.0.1:0");

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final HttpClient client = HttpClient.newHttpClient();
  private volatile boolean ready;
  private WebServer server;

  @Override
  public Report started() {
    return new Report(true, Map.of());
  }

  @Override
  public Report ready() {
    return new Report(ready, Map.of("streams", ready ? "running" : "created"));
  }

  @BeforeEach
  void serve() throws IOException {
    server = WebServer.start(ANY_PORT, Metrics.of(registry), this, Optional.empty());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.port() + path);
  }

  @Test
  void writesMetricsInTheFormatThatTheScraperTakes() throws Exception {
    registry.counter("atrous.frames", "outcome", "mask").increment(3);

    HttpResponse<String> plain = get("/metrics");
    HttpResponse<String> open = get("/metrics", "Accept", "application/openmetrics-text");

    assertThat(plain.statusCode()).isEqualTo(200);
    assertThat(plain.headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
    assertThat(plain.body()).contains("atrous_frames_total{outcome=\"mask\"} 3.0");
    assertThat(open.headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/openmetrics-text"));
    assertThat(open.body()).endsWith("# EOF\n");
  }

  @Test
  void readinessSaysWhichPartIsNotReady() throws Exception {
    HttpResponse<String> before = get("/health/ready");
    ready = true;
    HttpResponse<String> after = get("/health/ready");

    assertThat(before.statusCode()).isEqualTo(503);
    assertThat(before.body())
        .isEqualTo("{\"status\":\"DOWN\",\"parts\":{\"streams\":\"created\"}}\n");
    assertThat(after.statusCode()).isEqualTo(200);
    assertThat(after.body()).isEqualTo("{\"status\":\"UP\",\"parts\":{\"streams\":\"running\"}}\n");
  }

  @Test
  void aProcessThatIsNotReadyIsAlive() throws Exception {
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
    assertThat(get("/health/started").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/metrics/", "/metrics2", "/health", "/health/ready/x", "/%2e%2e"})
  void knowsNoOtherPage(String path) throws Exception {
    assertThat(get(path).statusCode()).isEqualTo(404);
  }

  @Test
  void isOnlyRead() throws Exception {
    HttpResponse<String> posted =
        client.send(
            HttpRequest.newBuilder(uri("/metrics")).POST(BodyPublishers.ofString("x")).build(),
            BodyHandlers.ofString());
    HttpResponse<String> head =
        client.send(
            HttpRequest.newBuilder(uri("/metrics")).method("HEAD", BodyPublishers.noBody()).build(),
            BodyHandlers.ofString());

    assertThat(posted.statusCode()).isEqualTo(405);
    assertThat(posted.headers().firstValue("Allow")).hasValue("GET, HEAD");
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
  }

  @Test
  void refusesAnAddressThatIsTaken() {
    assertThatThrownBy(
            () ->
                WebServer.start(
                    new ListenAddress("127.0.0.1", server.port()),
                    Metrics.of(registry),
                    this,
                    Optional.empty()))
        .isInstanceOf(BindException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:9404, 127.0.0.1, 9404",
    "localhost:1, localhost, 1",
    "*:65535, *, 65535",
    "[::1]:80, ::1, 80",
  })
  void readsAnAddress(String text, String host, int port) {
    assertThat(ListenAddress.parse(text)).isEqualTo(new ListenAddress(host, port));
    assertThat(ListenAddress.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "9404", ":9404", "host", "host:", "host:65536", "::1:80", "a b:1"})
  void refusesWhatIsNoAddress(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ListenAddress.parse(text))
        .withMessage("'%s' is not host:port, such as 127.0.0.1:9404 or *:9404", text);
  }
}
