package io.atrous.payload;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.robothy.s3.rest.LocalS3;
import com.robothy.s3.rest.bootstrap.LocalS3Mode;
import io.atrous.event.ScriptedServer;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Buckets: what a server that speaks S3 is asked, and what its answers mean. */
@Timeout(60)
final class S3StoreTest {

  private static final String BODY = "a payload";
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final int LIMIT = 1_000;

  @Test
  void anObjectComesFromARealServerWhateverItsKeyLooksLike() throws Exception {
    LocalS3 server = LocalS3.builder().port(-1).mode(LocalS3Mode.IN_MEMORY).build();
    server.start();
    S3Store store = store(URI.create("http://127.0.0.1:" + server.getPort()), LONG);
    try {
      put(server, "/bucket", "");
      for (String key :
          new String[] {"frames/a.jpg", "a%20b", "a+b", "%C3%A4", "a//b", "100%25", "a~b'()*!"}) {
        put(server, "/bucket/" + key, BODY + key);
        assertThat(read(store, "s3://bucket/" + key)).isEqualTo(BODY + key);
      }

      assertThatThrownBy(() -> read(store, "s3://bucket/nothing"))
          .isInstanceOfSatisfying(
              StoreException.class, refusal -> assertThat(refusal.isPassing()).isFalse())
          .hasMessageContaining("status 404");
    } finally {
      // Takes seconds, for which nobody has to wait.
      var unused = CompletableFuture.runAsync(server::shutdown).thenRun(store::close);
    }
  }

  @Test
  void requestsAreSignedWithTheConfiguredKeyForTheConfiguredRegion() throws Exception {
    try (ScriptedServer server = new ScriptedServer();
        S3Store store = store(URI.create(server.url()), LONG)) {
      server.then(200, BODY);

      assertThat(read(store, "s3://bucket/frames/a%20b")).isEqualTo(BODY);

      assertThat(server.requests()).containsExactly("GET /bucket/frames/a%20b");
      assertThat(server.authorizations().get(0))
          .startsWith("AWS4-HMAC-SHA256 Credential=the-id/")
          .contains("/the-region/s3/aws4_request")
          .contains("Signature=")
          .doesNotContain("the-secret");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "301, false",
    "307, false",
    "400, false",
    "403, false",
    "404, false",
    "429, true",
    "500, true",
    "503, true",
  })
  void anErrorIsAskedForOnceAndSaysWhetherItMayPass(int status, boolean passing) {
    try (ScriptedServer server = new ScriptedServer();
        ScriptedServer other = new ScriptedServer();
        S3Store store = store(URI.create(server.url()), LONG)) {
      server.then(
          exchange -> {
            exchange.getResponseHeaders().add("Location", other.url() + "/bucket/a");
            exchange.sendResponseHeaders(status, -1);
          });

      assertThatThrownBy(() -> read(store, "s3://bucket/a"))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.isPassing()).isEqualTo(passing))
          .hasMessageContaining("status " + status);
      assertThat(server.requests()).hasSize(1);
      assertThat(other.requests()).isEmpty();
    }
  }

  @Test
  void anObjectIsReadOnlyUpToTheLimit() throws Exception {
    try (ScriptedServer server = new ScriptedServer();
        S3Store store = store(URI.create(server.url()), LONG)) {
      server.then(
          exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
              while (true) {
                out.write(new byte[1 << 16]);
              }
            }
          });

      assertThat(store.read(PayloadUri.parse("s3://bucket/a"), LIMIT, LONG)).hasSize(LIMIT);
    }
  }

  @Test
  void aServerThatHangsWithinTheBodyCostsNoMoreThanTheTimeout() {
    CountDownLatch testIsOver = new CountDownLatch(1);
    try (ScriptedServer server = new ScriptedServer();
        S3Store store = store(URI.create(server.url()), LONG)) {
      server.then(
          exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
            try {
              testIsOver.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });

      assertThatThrownBy(
              () -> store.read(PayloadUri.parse("s3://bucket/a"), LIMIT, Duration.ofMillis(200)))
          .isInstanceOfSatisfying(StoreException.class, e -> assertThat(e.isPassing()).isTrue())
          .hasMessageContaining("in time");
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
    } finally {
      testIsOver.countDown();
    }
  }

  @Test
  void aServerThatIsGoneMayComeBack() {
    URI gone;
    try (ScriptedServer server = new ScriptedServer()) {
      gone = URI.create(server.url());
    }
    try (S3Store store = store(gone, LONG)) {
      assertThatThrownBy(() -> read(store, "s3://bucket/a"))
          .isInstanceOfSatisfying(StoreException.class, e -> assertThat(e.isPassing()).isTrue());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "s3.example",
    "ftp://s3.example",
    "https://id:secret@s3.example",
    "http://",
    "http://a?b"
  })
  void anEndpointThatIsNoneIsRefusedWithoutRepeatingIt(String endpoint) {
    assertThatThrownBy(() -> S3Settings.parseEndpoint(endpoint))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("secret");
  }

  @Test
  void aKeyWithoutItsSecretIsRefused() {
    assertThatThrownBy(() -> new S3Settings(null, null, false, "id", null))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(new S3Settings(null, null, false, "id", "the-secret").toString())
        .doesNotContain("the-secret");
  }

  private static S3Store store(URI endpoint, Duration timeout) {
    return new S3Store(
        new S3Settings(endpoint, "the-region", true, "the-id", "the-secret"), 2, timeout, timeout);
  }

  private static String read(S3Store store, String uri) throws Exception {
    return new String(store.read(PayloadUri.parse(uri), LIMIT, LONG), UTF_8);
  }

  private static void put(LocalS3 server, String path, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.getPort() + path))
            .PUT(BodyPublishers.ofString(body))
            .build();
    assertThat(HttpClient.newHttpClient().send(request, BodyHandlers.discarding()).statusCode())
        .isEqualTo(200);
  }
}
