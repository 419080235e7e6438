package io.atrous.web;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.web.EventFeed.Event;
import io.atrous.web.EventFeed.Viewing;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages for people and their stream of events, over plain sockets. */
@Timeout(60)
final class SiteTest {

  private static final int VIEWERS = 3;
  private static final int UPDATES = 5;
  private static final int TIMEOUT_MILLIS = 20_000;
  private static final int RECEIVE_BUFFER_BYTES = 4_096;

  /** Larger than what the system takes on the way to a client that does not read. */
  private static final String LARGE = "x".repeat(8 << 20);

  private final List<Socket> clients = new ArrayList<>();
  private final BlockingQueue<List<String>> begun = new LinkedBlockingQueue<>();
  private final BlockingQueue<List<String>> ended = new LinkedBlockingQueue<>();
  private volatile String data = "{\"a\":1}";
  private WebServer server;

  @BeforeEach
  void serve() throws IOException {
    serve(Duration.ofMillis(20));
  }

  private void serve(Duration interval) throws IOException {
    Site site =
        new Site(
            Map.of(
                "/", file("text/html; charset=utf-8", "<!doctype html>"),
                "/live/page.js", file("text/javascript; charset=utf-8", "export {};")),
            "/live/events",
            this::begin,
            Set.of("cameras.example"),
            new StreamLimits(interval, UPDATES, Duration.ofMillis(70), VIEWERS));
    server =
        WebServer.start(
            ListenAddress.parse("127.0.0.1:0"),
            accept -> new Metrics.Exposition("text/plain", "a_metric 1.0\n"),
            new SoundHealth(),
            Optional.of(site));
  }

  private static Site.File file(String mediaType, String content) {
    return new Site.File(mediaType, content.getBytes(US_ASCII));
  }

  private Viewing begin(List<String> subjects) {
    begun.add(subjects);
    AtomicInteger updates = new AtomicInteger();
    return new Viewing() {
      @Override
      public List<Event> next() {
        return List.of(
            new Event("count", String.valueOf(updates.incrementAndGet())), new Event("all", data));
      }

      @Override
      public void close() {
        ended.add(subjects);
      }
    };
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket client : clients) {
      client.close();
    }
    server.close();
  }

  private Socket ask(String request) throws IOException {
    Socket client = new Socket();
    client.setReceiveBufferSize(RECEIVE_BUFFER_BYTES);
    client.setSoTimeout(TIMEOUT_MILLIS);
    client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
    clients.add(client);
    client.getOutputStream().write((request + "\r\n\r\n").getBytes(US_ASCII));
    return client;
  }

  private String answer(String request) throws IOException {
    try (Socket client = ask(request + "\r\nConnection: close")) {
      return new String(client.getInputStream().readAllBytes(), US_ASCII);
    }
  }

  private String get(String path) throws IOException {
    return answer("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:80");
  }

  private Socket look(String query) throws IOException {
    return ask("GET /live/events" + query + " HTTP/1.1\r\nHost: localhost");
  }

  /** Returns when the stream has begun to tell. */
  private static void awaitEvent(Socket viewer) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(viewer.getInputStream(), US_ASCII));
    String line = lines.readLine();
    while (!line.startsWith("data:")) {
      line = lines.readLine();
    }
  }

  private void assertThatProbesAreAnswered() throws IOException {
    for (String page : List.of("/health/live", "/health/ready", "/health/started", "/metrics")) {
      assertThat(get(page)).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void filesComeWithHeadersThatLetNothingElseIn() throws IOException {
    for (String path : List.of("/", "/live/page.js", "/nothing")) {
      assertThat(get(path))
          .containsIgnoringCase(
              "\r\nContent-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self';"
                  + " img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none';"
                  + " frame-ancestors 'none'\r\n")
          .containsIgnoringCase("\r\nX-Content-Type-Options: nosniff\r\n")
          .containsIgnoringCase("\r\nCross-Origin-Resource-Policy: same-origin\r\n")
          .containsIgnoringCase("\r\nReferrer-Policy: no-referrer\r\n")
          .doesNotContainIgnoringCase("Access-Control");
    }
    assertThat(get("/live/page.js"))
        .startsWith("HTTP/1.1 200 ")
        .containsIgnoringCase("\r\nContent-Type: text/javascript; charset=utf-8\r\n")
        .endsWith("\r\n\r\nexport {};");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/index.html",
        "/live/",
        "/live/../live/page.js",
        "/live/%2e%2e/page.js",
        "/live/page.js/",
        "/live/page.js%00",
        "/live/events/",
        "//live/page.js",
        "/../../etc/passwd",
        "/live/..%2f..%2fetc/passwd",
        "/live\\page.js",
      })
  void noOtherPathIsServed(String path) throws IOException {
    assertThat(get(path)).doesNotContain("HTTP/1.1 200", "HTTP/1.1 5", "root:", "export");
    assertThatProbesAreAnswered();
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "FORGET"})
  void nothingIsWritten(String method) throws IOException {
    for (String path : List.of("/", "/live/page.js", "/live/events")) {
      assertThat(answer(method + " " + path + " HTTP/1.1\r\nHost: localhost"))
          .startsWith("HTTP/1.1 405 ")
          .containsIgnoringCase("\r\nAllow: GET, HEAD\r\n");
    }
    assertThat(begun).isEmpty();
  }

  @Test
  void aHeadHasNoBodyAndHoldsNoPlace() throws Exception {
    for (String path : List.of("/", "/live/events")) {
      String answer = answer("HEAD " + path + " HTTP/1.1\r\nHost: localhost");

      assertThat(answer).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\n");
    }
    assertThat(ended.poll(10, TimeUnit.SECONDS)).isNotNull();
  }

  @ParameterizedTest
  @CsvSource({
    "localhost, 200",
    "LOCALHOST:9404, 200",
    "127.0.0.1:9404, 200",
    "10.1.2.3, 200",
    "[::1]:9404, 200",
    "cameras.example, 200",
    "Cameras.Example:443, 200",
    "evil.example, 421",
    "localhost.evil.example, 421",
    "cameras.example.evil, 421",
    "127.0.0.1.evil.example, 421",
    "127.0.0.1@evil.example, 421",
    "'', 421",
  })
  void aNameThatAnybodyCouldLeadHereIsRefused(String host, int status) throws IOException {
    for (String path : List.of("/", "/live/page.js")) {
      assertThat(answer("GET " + path + " HTTP/1.1\r\nHost: " + host))
          .startsWith("HTTP/1.1 " + status + " ");
    }
    assertThat(answer("GET /health/live HTTP/1.1\r\nHost: " + host))
        .as("a probe, by whatever name")
        .startsWith("HTTP/1.1 200 ");
  }

  @Test
  void aStreamIsFramedAndEndsAfterItsUpdates() throws Exception {
    String answer =
        answer("GET /live/events?subject=a%20b&subject=%3Cc%3E&x=1 HTTP/1.1\r\nHost: localhost");

    assertThat(answer)
        .startsWith("HTTP/1.1 200 ")
        .containsIgnoringCase("\r\nContent-Type: text/event-stream; charset=utf-8\r\n")
        .containsIgnoringCase("\r\nContent-Security-Policy: ")
        .contains("retry: 70\n\nevent: count\ndata: 1\n\nevent: all\ndata: {\"a\":1}\n\n")
        .contains("event: count\ndata: " + UPDATES + "\n\n")
        .doesNotContain("data: " + (UPDATES + 1) + "\n");
    assertThat(begun).containsExactly(List.of("a b", "<c>"));
    assertThat(ended.poll(10, TimeUnit.SECONDS)).containsExactly("a b", "<c>");
  }

  @Test
  void aQueryThatCantBeReadIsRefused() throws IOException {
    assertThat(get("/live/events?subject=%zz")).doesNotContain("HTTP/1.1 200", "HTTP/1.1 5");
    assertThat(begun).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cross-site", "same-site"})
  void aForeignPageHoldsNoPlace(String site) throws IOException {
    assertThat(answer("GET /live/events HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: " + site))
        .startsWith("HTTP/1.1 403 ");
    assertThat(begun).isEmpty();
  }

  @Test
  void viewersBeyondTheLimitAreToldSoAndPlacesComeBack() throws Exception {
    server.close();
    serve(Duration.ofSeconds(4));
    for (int i = 0; i < VIEWERS; i++) {
      awaitEvent(look(""));
    }

    assertThat(get("/live/events"))
        .startsWith("HTTP/1.1 503 ")
        .endsWith("3 viewers look already, as many as may. Close one, or try again later.\n");
    assertThatProbesAreAnswered();

    for (Socket client : clients) {
      client.close();
    }
    assertThat(ended.poll(30, TimeUnit.SECONDS)).isNotNull();
    awaitEvent(look(""));
  }

  @Test
  void aViewerWhoLooksElsewhereGivesTheOldPlaceUp() throws Exception {
    server.close();
    serve(Duration.ofSeconds(4));

    for (int i = 0; i < 3 * VIEWERS; i++) {
      awaitEvent(look("?viewer=one&subject=" + i));
    }
    awaitEvent(look("?viewer=two"));
    awaitEvent(look(""));

    assertThat(get("/live/events?viewer=three")).startsWith("HTTP/1.1 503 ");
    for (int i = 0; i < 3 * VIEWERS - 1; i++) {
      assertThat(ended.poll(1, TimeUnit.SECONDS)).containsExactly(String.valueOf(i));
    }
    assertThat(ended).isEmpty();
  }

  @Test
  void aViewerThatNeverReadsIsCutOffAndHoldsNobodyUp() throws Exception {
    data = LARGE;
    for (int i = 0; i < VIEWERS; i++) {
      var unused = look("?subject=slow");
    }
    for (int i = 0; i < VIEWERS; i++) {
      assertThat(begun.poll(10, TimeUnit.SECONDS)).containsExactly("slow");
    }

    assertThatProbesAreAnswered();
    for (int i = 0; i < VIEWERS; i++) {
      assertThat(ended.poll(30, TimeUnit.SECONDS)).containsExactly("slow");
    }
    data = "1";
    awaitEvent(look("?subject=next"));
  }

  @Test
  void manyViewersThatComeAndGoLeaveNoThread() throws Exception {
    for (int i = 0; i < 60; i++) {
      Socket viewer = look("?subject=" + i);
      if (i % 3 == 0) {
        viewer.close();
      }
    }
    int answered = begun.size();
    for (int i = 0; i < answered; i++) {
      assertThat(ended.poll(30, TimeUnit.SECONDS)).isNotNull();
    }

    assertThatProbesAreAnswered();
    assertThat(Thread.getAllStackTraces().keySet())
        .filteredOn(thread -> thread.getName().equals("web-viewer"))
        .hasSizeLessThanOrEqualTo(VIEWERS + 1);
    awaitEvent(look("?subject=last"));
  }
}
