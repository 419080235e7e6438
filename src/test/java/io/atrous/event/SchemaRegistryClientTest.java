package io.atrous.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.apache.avro.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class SchemaRegistryClientTest {

  private static final Schema STRING = Schema.create(Schema.Type.STRING);
  private static final String STRING_ANSWER = "{\"schema\": \"\\\"string\\\"\"}";

  private final ScriptedServer server = new ScriptedServer();
  private final ScriptedServer second = new ScriptedServer();
  private long nowNanos;
  private final List<Long> waits = new ArrayList<>();

  @AfterEach
  void stop() {
    server.close();
    second.close();
  }

  private SchemaRegistryClient client(Object... configuration) {
    return client(configuration(configuration));
  }

  private SchemaRegistryClient client(Map<String, Object> configuration) {
    return new SchemaRegistryClient(
        new SchemaRegistryConfig(configuration),
        millis -> {
          waits.add(millis);
          return false;
        },
        () -> nowNanos);
  }

  private Map<String, Object> configuration(Object... more) {
    return Configurations.of(server.url(), more);
  }

  private static String basic(String userInfo) {
    return "Basic " + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void registersASchemaUnderItsSubject() {
    server.then(200, "{\"id\": 7}");
    assertThat(client().register("a topic/ü-value", STRING)).isEqualTo(7);
    assertThat(server.requests())
        .containsExactly(
            "POST /subjects/a%20topic%2F%C3%BC-value/versions {\"schema\":\"\\\"string\\\"\"}");
  }

  @Test
  void looksUpTheIdOfARegisteredSchema() {
    server.then(200, "{\"subject\": \"s\", \"version\": 3, \"id\": 8, \"schema\": \"...\"}");
    assertThat(client().idOf("s", STRING)).isEqualTo(8);
    assertThat(server.requests())
        .containsExactly("POST /subjects/s {\"schema\":\"\\\"string\\\"\"}");
  }

  @Test
  void letsTheRegistryNormaliseSchemasIfAsked() {
    server.then(200, "{\"id\": 1}").then(200, "{\"id\": 1}");
    SchemaRegistryClient client = client(SchemaRegistryConfig.NORMALIZE_SCHEMAS, "true");
    client.register("s", STRING);
    client.idOf("s", STRING);
    assertThat(server.requests())
        .extracting(request -> request.split(" ", -1)[1])
        .containsExactly("/subjects/s/versions?normalize=true", "/subjects/s?normalize=true");
  }

  @Test
  void readsASchemaWithItsReferencesResolved() {
    server.then(200, STRING_ANSWER);
    assertThat(client().schemaById(5)).isEqualTo(STRING);
    assertThat(server.requests()).containsExactly("GET /schemas/ids/5?format=resolved");
  }

  @Test
  void readsTheLatestVersionAndTheSubjects() {
    server
        .then(200, "{\"id\": 9, \"version\": 4, \"schema\": \"\\\"string\\\"\"}")
        .then(200, "[\"a\", \"b\"]");
    SchemaRegistryClient client = client();
    assertThat(client.latestVersion("s"))
        .isEqualTo(new SchemaRegistryClient.RegisteredSchema(9, 4, STRING));
    assertThat(client.subjects()).containsExactly("a", "b");
    assertThat(server.requests())
        .containsExactly("GET /subjects/s/versions/latest?format=resolved", "GET /subjects");
  }

  @Test
  void keepsThePathOfTheUrl() {
    server.then(200, STRING_ANSWER);
    client(SchemaRegistryConfig.URL, server.url() + "/apis/ccompat/v7/").schemaById(1);
    assertThat(server.requests())
        .containsExactly("GET /apis/ccompat/v7/schemas/ids/1?format=resolved");
  }

  @Test
  void sendsNoCredentialsUnlessItHasSome() {
    server.then(200, STRING_ANSWER);
    client().schemaById(1);
    assertThat(server.authorizations()).containsOnlyNulls();
  }

  @Test
  void takesUserAndPasswordFromTheUrl() {
    server.then(200, STRING_ANSWER);
    client(SchemaRegistryConfig.URL, "http://me:s%40cret@127.0.0.1:" + server.port()).schemaById(1);
    assertThat(server.authorizations()).containsExactly(basic("me:s@cret"));
  }

  @Test
  void takesUserAndPasswordFromTheUserInfo() {
    server.then(200, STRING_ANSWER);
    client(
            SchemaRegistryConfig.BASIC_AUTH_CREDENTIALS_SOURCE,
            "USER_INFO",
            SchemaRegistryConfig.BASIC_AUTH_USER_INFO,
            "me:pass:word")
        .schemaById(1);
    assertThat(server.authorizations()).containsExactly(basic("me:pass:word"));
  }

  @Test
  void sendsABearerToken() {
    server.then(200, STRING_ANSWER);
    client(
            SchemaRegistryConfig.BEARER_AUTH_CREDENTIALS_SOURCE,
            "STATIC_TOKEN",
            SchemaRegistryConfig.BEARER_AUTH_TOKEN,
            "t0ken")
        .schemaById(1);
    assertThat(server.authorizations()).containsExactly("Bearer t0ken");
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403})
  void aRefusalOfTheCredentialsIsFinalAndDoesNotTellThem(int status) {
    server.then(status, "{\"error_code\": " + status + ", \"message\": \"no\"}");
    SchemaRegistryClient client =
        client(
            SchemaRegistryConfig.URL,
            "http://me:s3cret@127.0.0.1:" + server.port() + "," + second.url());
    SchemaRegistryException e =
        catchThrowableOfType(SchemaRegistryException.class, () -> client.schemaById(1));
    assertThat(e.isRetriable()).isFalse();
    assertThat(e).hasMessageContaining("status " + status).hasMessageContaining(server.url());
    assertThat(stackTrace(e)).doesNotContain("s3cret").doesNotContain(basic("me:s3cret"));
    assertThat(server.requests()).hasSize(1);
    assertThat(second.requests()).isEmpty();
    assertThat(waits).isEmpty();
  }

  private static String stackTrace(Throwable e) {
    java.io.StringWriter text = new java.io.StringWriter();
    e.printStackTrace(new java.io.PrintWriter(text));
    return text.toString();
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 502, 503, 504})
  void triesAgainLater(int status) {
    server.then(status, "").then(status, "<html>").then(200, STRING_ANSWER);
    assertThat(client().schemaById(1)).isEqualTo(STRING);
    assertThat(server.requests()).hasSize(3);
    assertThat(waits).hasSize(2);
  }

  @Test
  void waitsTwiceAsLongEachTimeGiveOrTakeAFifth() {
    for (int i = 0; i < 8; i++) {
      server.then(503, "");
    }
    server.then(200, STRING_ANSWER);
    client(
            SchemaRegistryConfig.REQUEST_DEADLINE_MS,
            1_000_000,
            SchemaRegistryConfig.MAX_RETRIES,
            8,
            SchemaRegistryConfig.RETRIES_WAIT_MS,
            100,
            SchemaRegistryConfig.RETRIES_MAX_WAIT_MS,
            2_000)
        .schemaById(1);
    long[] expected = {100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000};
    assertThat(waits).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat(waits.get(i))
          .isBetween(expected[i] * 8 / 10, Math.min(expected[i] * 12 / 10, 2_000));
    }
  }

  @Test
  void goesToTheNextUrlOnceTheRetriesAreSpentAndStaysThere() {
    server.then(503, "").then(503, "");
    second.then(200, STRING_ANSWER).then(200, STRING_ANSWER);
    SchemaRegistryClient client =
        client(
            SchemaRegistryConfig.URL,
            server.url() + "," + second.url(),
            SchemaRegistryConfig.MAX_RETRIES,
            1);
    client.schemaById(1);
    client.schemaById(2);
    assertThat(server.requests()).hasSize(2);
    assertThat(second.requests())
        .containsExactly(
            "GET /schemas/ids/1?format=resolved", "GET /schemas/ids/2?format=resolved");
  }

  @Test
  void saysWhatFailedWhenNoUrlAnswers() {
    int closedPort = second.port();
    second.close();
    server.then(503, "");
    SchemaRegistryClient client =
        client(
            SchemaRegistryConfig.URL,
            "http://me:s3cret@127.0.0.1:" + closedPort + "," + server.url(),
            SchemaRegistryConfig.MAX_RETRIES,
            0);
    SchemaRegistryException e =
        catchThrowableOfType(SchemaRegistryException.class, () -> client.schemaById(1));
    assertThat(e.isRetriable()).isTrue();
    assertThat(e)
        .hasMessage(
            "The schema registry "
                + server.url()
                + " can't be reached or doesn't work (it answers with status 503); check it and"
                + " schema.registry.url.");
    assertThat(e.getSuppressed()).hasSize(1);
    assertThat(e.getSuppressed()[0]).hasMessageContaining("127.0.0.1:" + closedPort);
    assertThat(stackTrace(e)).doesNotContain("s3cret");
  }

  @Test
  void doesNotFollowRedirects() {
    server.then(
        exchange -> {
          exchange.getResponseHeaders().set("Location", second.url() + "/schemas/ids/1");
          exchange.sendResponseHeaders(307, -1);
        });
    assertThatThrownBy(() -> client().schemaById(1))
        .isInstanceOfSatisfying(
            SchemaRegistryException.class, e -> assertThat(e.isRetriable()).isFalse())
        .hasMessageContaining("redirects (status 307)")
        .hasMessageContaining(SchemaRegistryConfig.URL);
    assertThat(second.requests()).isEmpty();
  }

  @Test
  void refusesAnAnswerThatIsTooLarge() {
    // No length is announced and the end never comes: the client has to hang up by itself.
    server.then(
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          byte[] chunk = new byte[64 << 10];
          try (OutputStream out = exchange.getResponseBody()) {
            while (true) {
              out.write(chunk);
            }
          }
        });
    assertThatThrownBy(() -> client().schemaById(1))
        .isInstanceOfSatisfying(
            SchemaRegistryException.class, e -> assertThat(e.isRetriable()).isFalse())
        .hasMessageContaining("larger than 4194304 bytes");
  }

  @Test
  void givesUpOnABodyThatDoesNotEnd() {
    CountDownLatch testEnds = new CountDownLatch(1);
    server.then(
        exchange -> {
          exchange.sendResponseHeaders(200, 100);
          exchange.getResponseBody().write('{');
          exchange.getResponseBody().flush();
          await(testEnds);
        });
    try {
      assertThatThrownBy(
              () ->
                  client(
                          SchemaRegistryConfig.READ_TIMEOUT_MS,
                          50,
                          SchemaRegistryConfig.CONNECT_TIMEOUT_MS,
                          50,
                          SchemaRegistryConfig.MAX_RETRIES,
                          0)
                      .schemaById(1))
          .isInstanceOfSatisfying(
              SchemaRegistryException.class, e -> assertThat(e.isRetriable()).isTrue())
          .hasMessageContaining("no answer within 100 ms");
    } finally {
      testEnds.countDown();
    }
  }

  /** Nobody accepts these connections, so requests stay in the kernel's queue. */
  @Test
  void aRegistryThatStaysSilentIsUnreachableAfterTheDeadline() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      SchemaRegistryClient client =
          client(
              SchemaRegistryConfig.URL,
              "http://127.0.0.1:" + silent.getLocalPort(),
              SchemaRegistryConfig.REQUEST_DEADLINE_MS,
              50,
              SchemaRegistryConfig.MAX_RETRIES,
              0);
      assertThatThrownBy(() -> client.schemaById(1))
          .isInstanceOfSatisfying(
              SchemaRegistryException.class, e -> assertThat(e.isRetriable()).isTrue())
          .hasMessageContaining("no answer within 50 ms");
    }
  }

  @Test
  void eachUrlGetsItsShareOfTheDeadlineSoThatASilentOneDoesNotHideTheNext() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      server.then(200, STRING_ANSWER);
      SchemaRegistryClient client =
          client(
              SchemaRegistryConfig.URL,
              "http://127.0.0.1:" + silent.getLocalPort() + "," + server.url(),
              SchemaRegistryConfig.MAX_RETRIES,
              0);
      assertThat(client.schemaById(1)).isEqualTo(STRING);
    }
  }

  @Test
  void triesAndWaitsEndWithTheDeadlineHoweverManyRetriesAreLeft() {
    for (int i = 0; i < 100; i++) {
      server.then(503, "");
    }
    SchemaRegistryClient client =
        new SchemaRegistryClient(
            new SchemaRegistryConfig(
                configuration(
                    SchemaRegistryConfig.MAX_RETRIES,
                    1_000,
                    SchemaRegistryConfig.RETRIES_WAIT_MS,
                    500,
                    SchemaRegistryConfig.RETRIES_MAX_WAIT_MS,
                    500,
                    SchemaRegistryConfig.REQUEST_DEADLINE_MS,
                    2_000)),
            millis -> {
              nowNanos += TimeUnit.MILLISECONDS.toNanos(millis);
              return false;
            },
            () -> nowNanos);
    assertThatThrownBy(() -> client.schemaById(1))
        .isInstanceOfSatisfying(
            SchemaRegistryException.class, e -> assertThat(e.isRetriable()).isTrue());
    // 2,000 ms hold at most 4 waits of 500 ms, give or take 20%.
    assertThat(server.requests()).hasSizeBetween(4, 5);
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      if (!latch.await(30, TimeUnit.SECONDS)) {
        throw new IOException("nobody let this request go");
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void anUnknownIdIsABadRecordButAWrongUrlIsNot() {
    server
        .then(404, "{\"error_code\": 40403, \"message\": \"Schema 1 not found\"}")
        .then(404, "{\"error_code\": 404, \"message\": \"HTTP 404 Not Found\"}")
        .then(404, "<html>nothing here</html>")
        .then(200, "<html>welcome</html>")
        .then(200, "{}");
    SchemaRegistryClient client = client();
    assertThatThrownBy(() -> client.schemaById(1)).isInstanceOf(InvalidEventException.class);
    for (int i = 0; i < 4; i++) {
      assertThatThrownBy(() -> client.schemaById(1))
          .isInstanceOfSatisfying(
              SchemaRegistryException.class, e -> assertThat(e.isRetriable()).isFalse());
    }
    assertThat(server.requests()).hasSize(5);
  }

  @Test
  void aSchemaThatIsNotAvroIsABadRecord() {
    server
        .then(200, "{\"schemaType\": \"PROTOBUF\", \"schema\": \"syntax = proto3\"}")
        .then(200, "{\"schema\": \"{\\\"type\\\": \\\"nonsense\\\"}\"}");
    SchemaRegistryClient client = client();
    assertThatThrownBy(() -> client.schemaById(1))
        .isInstanceOf(InvalidEventException.class)
        .hasMessageContaining("PROTOBUF");
    assertThatThrownBy(() -> client.schemaById(1))
        .isInstanceOf(InvalidEventException.class)
        .hasMessageContaining("can't be understood");
  }

  @Test
  void tellsWhatTheRegistrySaidOnOneLine() {
    server.then(422, "{\"error_code\": 42201, \"message\": \"Invalid\\nschema\"}");
    assertThatThrownBy(() -> client().register("s", STRING))
        .isInstanceOfSatisfying(
            SchemaRegistryException.class, e -> assertThat(e.errorCode()).isEqualTo(42201))
        .hasMessageEndingWith("status 422, error 42201: Invalid\\u000aschema.");
  }

  @Test
  void closingEndsTheWaitBetweenTwoTries() {
    server.then(503, "");
    SchemaRegistryClient client =
        new SchemaRegistryClient(
            new SchemaRegistryConfig(
                configuration(
                    SchemaRegistryConfig.REQUEST_DEADLINE_MS,
                    Integer.MAX_VALUE,
                    SchemaRegistryConfig.RETRIES_WAIT_MS,
                    3_600_000,
                    SchemaRegistryConfig.RETRIES_MAX_WAIT_MS,
                    3_600_000)));
    client.close();
    assertThatThrownBy(() -> client.schemaById(1))
        .isInstanceOf(SchemaRegistryException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void anInterruptEndsTheRequestAndStaysVisible() {
    SchemaRegistryClient client = client();
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> client.schemaById(1))
        .isInstanceOfSatisfying(
            SchemaRegistryException.class, e -> assertThat(e.isRetriable()).isTrue())
        .hasMessageContaining("Interrupted");
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void trustsOnlyWhatTheTrustStoreSays(@TempDir Path directory)
      throws IOException, GeneralSecurityException, InterruptedException {
    Path store = directory.resolve("store.p12");
    runKeytool(store);
    try (ScriptedServer https = new ScriptedServer(tls(store))) {
      https.then(200, STRING_ANSWER);
      Map<String, Object> configuration =
          configuration(
              SchemaRegistryConfig.URL,
              "https://localhost:" + https.port(),
              SchemaRegistryConfig.MAX_RETRIES,
              0);
      SchemaRegistryClient stranger = client(configuration);
      assertThatThrownBy(() -> stranger.schemaById(1))
          .isInstanceOf(SchemaRegistryException.class)
          .hasMessageContaining("unable to find valid certification path");

      configuration.put("schema.registry.ssl.truststore.location", store.toString());
      configuration.put("schema.registry.ssl.truststore.password", "changeit");
      configuration.put("schema.registry.ssl.truststore.type", "PKCS12");
      assertThat(client(configuration).schemaById(1)).isEqualTo(STRING);
    }
  }

  private static void runKeytool(Path store) throws IOException, InterruptedException {
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "registry",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                "changeit")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(keytool.waitFor()).isZero();
  }

  private static SSLContext tls(Path store) throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, "changeit".toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, "changeit".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }
}
