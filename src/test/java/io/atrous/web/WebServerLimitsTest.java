package io.atrous.web;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that are slow, greedy or hostile; whatever they do, the probes are answered. */
@Timeout(120)
final class WebServerLimitsTest {

  private static final int PROBE_TIMEOUT_MILLIS = 20_000;

  /** More than the system takes on the way to a client that does not read. */
  private static final String METRICS = "a_metric 1.0\n".repeat(500_000);

  private static final int RECEIVE_BUFFER_BYTES = 4_096;

  private final List<Socket> clients = new ArrayList<>();
  private WebServer server;

  @BeforeEach
  void serve() throws IOException {
    server =
        WebServer.start(
            ListenAddress.parse("127.0.0.1:0"),
            accept -> new Metrics.Exposition("text/plain", METRICS),
            new SoundHealth(),
            Optional.empty());
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket client : clients) {
      client.close();
    }
    server.close();
  }

  private Socket connect() throws IOException {
    Socket client = new Socket();
    client.setReceiveBufferSize(RECEIVE_BUFFER_BYTES);
    client.setSoTimeout(PROBE_TIMEOUT_MILLIS);
    client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
    clients.add(client);
    return client;
  }

  private static void write(Socket client, String text) throws IOException {
    client.getOutputStream().write(text.getBytes(US_ASCII));
    client.getOutputStream().flush();
  }

  /** All that comes until the server closes the connection, or nothing if it resets it. */
  private static String read(Socket client) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    try {
      InputStream in = client.getInputStream();
      in.transferTo(answer);
    } catch (SocketException e) {
      // Its answer may go down with the connection, if more was sent than it reads.
    }
    return answer.toString(US_ASCII);
  }

  private String ask(String request) throws IOException {
    Socket client = connect();
    try {
      write(client, request);
    } catch (SocketException e) {
      // The server has answered, and closed the connection before all was sent.
    }
    return read(client);
  }

  private void assertThatProbesAreAnswered() throws IOException {
    for (String page : List.of("live", "ready", "started")) {
      assertThat(ask("GET /health/" + page + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
          .startsWith("HTTP/1.1 200 ");
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .filteredOn(thread -> thread.getName().equals("web"))
        .as("threads")
        .hasSizeLessThanOrEqualTo(WebServer.THREADS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "G",
        "GET /metrics HTT",
        "GET /health/live HTTP/1.1\r\nHost: a\r\nX-Slow: ",
        "POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nx",
        "POST /metrics HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nx",
      })
  void manyRequestsThatNeverEndHoldNoProbeUp(String beginning) throws IOException {
    for (int i = 0; i < 300; i++) {
      write(connect(), beginning);
    }

    assertThatProbesAreAnswered();
  }

  @Test
  void manyClientsThatNeverReadHoldNoProbeUp() throws IOException {
    for (int i = 0; i < 2 * WebServer.THREADS; i++) {
      write(connect(), "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    }

    assertThatProbesAreAnswered();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"GET /", "GET /health/live?", "GET / HTTP/1.1\r\nHost: a\r\nX-Long: ", "\r\n"})
  void aHeadWithoutEndIsRefusedBeforeItFillsTheMemory(String beginning) throws IOException {
    Socket client = connect();
    byte[] more = "x".repeat(64 << 10).getBytes(US_ASCII);
    long sent = 0;
    try {
      OutputStream out = client.getOutputStream();
      out.write(beginning.getBytes(US_ASCII));
      for (; sent < 64 << 20; sent += more.length) {
        out.write(more);
      }
    } catch (SocketException e) {
      // It no longer listens.
    }

    assertThat(sent).as("bytes of one head").isLessThan(64 << 20);
    assertThatProbesAreAnswered();
  }

  @Test
  void tooManyHeadersAreRefused() throws IOException {
    StringBuilder request = new StringBuilder("GET /health/live HTTP/1.1\r\nHost: a\r\n");
    for (int i = 0; i < 5_000; i++) {
      request.append("X-").append(i).append(": y\r\n");
    }

    assertThat(ask(request + "\r\n")).doesNotContain("HTTP/1.1 200");
    assertThatProbesAreAnswered();
  }

  @Test
  void aBodyIsNotRead() throws IOException {
    assertThat(
            ask(
                "GET /health/live HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999\r\n\r\n"
                    + "x".repeat(1 << 20)))
        .doesNotContain("HTTP/1.1 5");
    assertThatProbesAreAnswered();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "FORGET"})
  void nothingIsWritten(String method) throws IOException {
    assertThat(ask(method + " /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 405 ")
        .containsIgnoringCase("\r\nAllow: GET, HEAD\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../../etc/passwd",
        "/metrics/../../../etc/passwd",
        "/health/live/../../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/metrics/%2e%2e%2fetc/passwd",
        "//etc/passwd",
        "/metrics%00",
        "/metrics/%ff",
        "/%",
        "/\\..\\..\\etc",
        "file:///etc/passwd",
        "mailto:someone",
        "*",
        "",
      })
  void noPathLeadsElsewhere(String path) throws IOException {
    assertThat(ask("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
        .doesNotContain("HTTP/1.1 200", "HTTP/1.1 5", "root:");
    assertThatProbesAreAnswered();
  }

  @ParameterizedTest
  @CsvSource({"GET, HTTP/1.0", "HEAD, HTTP/1.0", "HEAD, HTTP/1.1", "GET, HTTP/1.1"})
  void oldClientsAreAnsweredToo(String method, String version) throws IOException {
    String answer = ask(method + " /health/live " + version + "\r\nConnection: close\r\n\r\n");

    assertThat(answer).startsWith("HTTP/1.1 200 ").containsIgnoringCase("content-type: ");
    assertThat(answer.substring(answer.indexOf("\r\n\r\n") + 4))
        .isEqualTo(method.equals("HEAD") ? "" : "{\"status\":\"UP\",\"parts\":{}}\n");
  }

  @Test
  void twoRequestsOnOneConnectionAreAnsweredInTurn() throws IOException {
    String answers =
        ask(
            String.join(
                "\r\n",
                "GET /health/live HTTP/1.1",
                "Host: a",
                "",
                "GET /nothing HTTP/1.1",
                "Host: a",
                "Connection: close",
                "",
                ""));

    assertThat(answers).startsWith("HTTP/1.1 200 ").contains("HTTP/1.1 404 ");
  }
}
