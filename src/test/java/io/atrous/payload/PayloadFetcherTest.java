package io.atrous.payload;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import io.atrous.event.ScriptedServer;
import io.atrous.frame.FrameRejectedException;
import io.atrous.frame.FrameRejectedException.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Payloads from real servers and files: what comes, what is refused, and how long it may take. */
@Timeout(60)
final class PayloadFetcherTest {

  private static final String BODY = "a payload";
  private static final int MAX_BYTES = 1_000;
  private static final Duration LONG = Duration.ofSeconds(20);

  /** Short enough to wait for, where a test must see a time-out. */
  private static final Duration SHORT = Duration.ofMillis(400);

  @TempDir Path directory;

  private final ScriptedServer server = new ScriptedServer();
  private final CountDownLatch testIsOver = new CountDownLatch(1);
  private PayloadFetcher fetcher = fetcher(LONG, 2, server.url() + "/frames");

  @BeforeEach
  void writeFile() throws IOException {
    Files.writeString(directory.resolve("x"), BODY);
  }

  @AfterEach
  void closeAll() {
    testIsOver.countDown();
    fetcher.close();
    server.close();
  }

  @Test
  void aReferenceToAnAllowedServerBringsItsPayload() throws Exception {
    server.then(200, BODY);

    assertThat(fetch("/frames/a%20b?X-Amz-Signature=s%2F")).isEqualTo(BODY);
    assertThat(server.requests()).containsExactly("GET /frames/a%20b?X-Amz-Signature=s%2F");
    assertThat(server.authorizations().get(0)).isNull();
  }

  @Test
  void aReferenceToAnAllowedFileBringsItsPayload() throws Exception {
    use(fetcher(LONG, 2, directory.toUri().toString()));

    assertThat(get(reference(directory.resolve("x").toUri().toString()))).isEqualTo(BODY);
  }

  @Test
  void withoutAllowedPrefixesTheRefusalSaysWhichKeyToSet() {
    use(fetcher(LONG, 2));

    assertRefused(reference(server.url() + "/frames/a"), Reason.REFERENCE_UNAVAILABLE, "'the.key'");
    assertThat(server.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/elsewhere/a", "/frames2/a", "/frames/../a", "/frames/%2e%2e/a"})
  void whatLiesElsewhereIsNotAskedFor(String path) {
    assertRefused(reference(server.url() + path), Reason.REFERENCE_UNAVAILABLE, "");
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void aRedirectIsNotFollowed() {
    try (ScriptedServer other = new ScriptedServer()) {
      server.then(
          exchange -> {
            exchange.getResponseHeaders().add("Location", other.url() + "/frames/secret");
            exchange.sendResponseHeaders(302, -1);
          });

      assertRefused(
          reference(server.url() + "/frames/a"), Reason.REFERENCE_UNAVAILABLE, "redirects");
      assertThat(other.requests()).isEmpty();
    }
  }

  @Test
  void aPayloadIsReadOnlyUpToTheLimitWhateverTheServerSays() {
    CompletableFuture<Void> senderStopped = new CompletableFuture<>();
    server.then(
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream out = exchange.getResponseBody()) {
            while (true) {
              out.write(new byte[1 << 16]);
            }
          } catch (IOException e) {
            senderStopped.complete(null);
          }
        });

    assertRefused(reference(server.url() + "/frames/a"), Reason.TOO_LARGE, "more than 1000");
    senderStopped.join();
  }

  @Test
  void aReferenceThatAnnouncesTooMuchIsNotFollowed() {
    assertRefused(
        new PayloadReference(server.url() + "/frames/a", MAX_BYTES + 1, ""),
        Reason.TOO_LARGE,
        "1001 bytes");
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void aPayloadAsLargeAsTheLimitComes() throws Exception {
    server.then(200, "x".repeat(MAX_BYTES));

    assertThat(fetch("/frames/a")).hasSize(MAX_BYTES);
  }

  @Test
  void aPayloadOfAnotherSizeOrDigestIsAMismatch() throws Exception {
    String uri = server.url() + "/frames/a";
    for (int i = 0; i < 4; i++) {
      server.then(200, BODY);
    }

    assertRefused(
        new PayloadReference(uri, BODY.length() + 1, ""),
        Reason.REFERENCE_MISMATCH,
        "has 9 bytes; its reference says 10");
    assertRefused(
        new PayloadReference(uri, BODY.length() - 1, ""),
        Reason.REFERENCE_MISMATCH,
        "has more bytes; its reference says 8");
    assertRefused(
        new PayloadReference(uri, BODY.length(), sha256("another")),
        Reason.REFERENCE_MISMATCH,
        "another SHA-256");
    assertRefused(
        new PayloadReference(uri, BODY.length(), "beef"), Reason.REFERENCE_MISMATCH, "64");
    assertThat(get(new PayloadReference(uri, BODY.length(), sha256(BODY)))).isEqualTo(BODY);
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 503})
  void whatMayPassIsTriedAgain(int status) throws Exception {
    server.then(status, "").then(status, "").then(200, BODY);

    assertThat(fetch("/frames/a")).isEqualTo(BODY);
    assertThat(server.requests()).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {204, 400, 401, 403, 404, 410})
  void whatStaysIsAskedForOnce(int status) {
    server.then(status, "").then(200, BODY);

    assertRefused(
        reference(server.url() + "/frames/a"), Reason.REFERENCE_UNAVAILABLE, "status " + status);
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void aConnectionThatBreaksHalfWayIsTriedAgain() throws Exception {
    server
        .then(
            exchange -> {
              exchange.sendResponseHeaders(200, BODY.length());
              exchange.getResponseBody().write(BODY.getBytes(UTF_8), 0, 3);
              exchange.getResponseBody().flush();
            })
        .then(200, BODY);

    assertThat(fetch("/frames/a")).isEqualTo(BODY);
  }

  @Test
  void aServerThatIsGoneIsTriedUntilTheTimeIsUp() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    String url = "http://127.0.0.1:" + port;
    use(fetcher(SHORT, 2, url));

    assertRefused(reference(url + "/a"), Reason.REFERENCE_UNAVAILABLE, "tries in 400 ms");
  }

  @Test
  void aServerThatHangsBeforeOrWithinTheBodyCostsNoMoreThanTheTimeout() {
    use(fetcher(SHORT, 2, server.url()));
    for (int i = 0; i < 10; i++) {
      server.then(this::hang);
    }
    assertRefused(reference(server.url() + "/a"), Reason.REFERENCE_UNAVAILABLE, "in time");

    try (ScriptedServer dripping = new ScriptedServer()) {
      use(fetcher(SHORT, 2, dripping.url()));
      for (int i = 0; i < 10; i++) {
        dripping.then(
            exchange -> {
              exchange.sendResponseHeaders(200, 100);
              exchange.getResponseBody().write(1);
              exchange.getResponseBody().flush();
              hang(exchange);
            });
      }
      assertRefused(reference(dripping.url() + "/a"), Reason.REFERENCE_UNAVAILABLE, "in time");
      assertThat(dripping.requests()).as("tried again").hasSizeGreaterThan(1);
    }
  }

  @Test
  void whatWaitsBehindAHangingServerEndsInTimeToo() {
    use(fetcher(SHORT, 1, server.url()));
    List<CompletableFuture<ByteBuffer>> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      server.then(this::hang);
      all.add(fetcher.resolve(reference(server.url() + "/" + i)));
    }

    long startNanos = System.nanoTime();
    for (CompletableFuture<ByteBuffer> payload : all) {
      assertThatThrownBy(payload::get).hasCauseInstanceOf(FrameRejectedException.class);
    }

    assertThat(Duration.ofNanos(System.nanoTime() - startNanos))
        .as("all at once, not one after another")
        .isLessThan(SHORT.multipliedBy(5));
  }

  @Test
  void aHangingServerDoesNotDelayAnotherPrefix() throws Exception {
    use(fetcher(LONG, 1, server.url(), directory.toUri().toString()));
    for (int i = 0; i < 5; i++) {
      server.then(this::hang);
      var unused = fetcher.resolve(reference(server.url() + "/" + i));
    }

    assertThat(get(reference(directory.resolve("x").toUri().toString()))).isEqualTo(BODY);
  }

  @Test
  void aFetchThatIsGivenUpBeforeItBeginsIsNotBegun() throws Exception {
    use(fetcher(LONG, 1, server.url()));
    CountDownLatch answer = new CountDownLatch(1);
    server
        .then(
            exchange -> {
              await(answer);
              exchange.sendResponseHeaders(200, -1);
            })
        .then(200, BODY);
    CompletableFuture<ByteBuffer> first = fetcher.resolve(reference(server.url() + "/first"));
    CompletableFuture<ByteBuffer> second = fetcher.resolve(reference(server.url() + "/second"));
    CompletableFuture<ByteBuffer> third = fetcher.resolve(reference(server.url() + "/third"));

    second.cancel(false);
    answer.countDown();

    first.get();
    assertThat(text(third.get())).isEqualTo(BODY);
    assertThat(server.requests()).containsExactly("GET /first", "GET /third");
  }

  @Test
  void closingEndsAFetchWithoutBlamingTheFrame() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    server.then(
        exchange -> {
          asked.countDown();
          hang(exchange);
        });
    CompletableFuture<ByteBuffer> payload = fetcher.resolve(reference(server.url() + "/frames/a"));
    asked.await();

    fetcher.close();

    assertThatThrownBy(payload::get).hasCauseInstanceOf(IllegalStateException.class);
  }

  @Test
  void refusalsHoldNeitherQueryNorUserInfo() {
    for (int i = 0; i < 2; i++) {
      server.then(404, "secret");
    }
    for (String uri :
        List.of(
            server.url() + "/frames/a?secret",
            "http://secret:secret@127.0.0.1/frames/a",
            "http://elsewhere/a?secret",
            "http://elsewhere/ a?secret")) {
      assertThat(refusal(reference(uri))).hasMessageNotContaining("secret");
    }
  }

  @Test
  void timesThatContradictEachOtherAreRefused() {
    assertThatThrownBy(
            () ->
                new PayloadSettings(
                    List.of(),
                    MAX_BYTES,
                    1,
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(2),
                    Duration.ofMillis(1),
                    new S3Settings(null, null, false, null, null)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static PayloadFetcher fetcher(Duration timeout, int threads, String... prefixes) {
    Duration request = timeout.dividedBy(2);
    return new PayloadFetcher(
        new PayloadSettings(
            List.of(prefixes).stream().map(AllowedPrefix::parse).toList(),
            MAX_BYTES,
            threads,
            timeout,
            request,
            request,
            new S3Settings(null, null, false, null, null)),
        "the.key",
        System::nanoTime);
  }

  private void use(PayloadFetcher other) {
    fetcher.close();
    fetcher = other;
  }

  private void hang(HttpExchange exchange) {
    await(testIsOver);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String fetch(String path) throws Exception {
    return get(reference(server.url() + path));
  }

  private String get(PayloadReference reference) throws Exception {
    return text(fetcher.resolve(reference).get());
  }

  private static String text(ByteBuffer bytes) {
    return UTF_8.decode(bytes).toString();
  }

  private static PayloadReference reference(String uri) {
    return new PayloadReference(uri, 0, "");
  }

  private void assertRefused(PayloadReference reference, Reason reason, String message) {
    FrameRejectedException refusal = refusal(reference);
    assertThat(refusal.reason()).as(refusal.getMessage()).isEqualTo(reason);
    assertThat(refusal).hasMessageContaining(message);
  }

  private FrameRejectedException refusal(PayloadReference reference) {
    CompletableFuture<ByteBuffer> payload = fetcher.resolve(reference);
    AtomicReference<FrameRejectedException> refusal = new AtomicReference<>();
    assertThatThrownBy(payload::get)
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(FrameRejectedException.class, refusal::set);
    return Objects.requireNonNull(refusal.get());
  }

  private static String sha256(String text) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
  }
}
