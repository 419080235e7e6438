package io.atrous.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;
import org.apache.kafka.common.utils.ExponentialBackoff;
import org.jspecify.annotations.Nullable;

/**
 * JSON over HTTP to one registry behind one or several URLs. A network error or a status that says
 * "later" (408, 429, 5xx) is tried again on the same URL and then on the next; the URL that
 * answered last is asked first. All of it ends with the caller's deadline, of which each URL that
 * is left gets an equal share. Redirects aren't followed: they would carry credentials to whoever
 * is named.
 *
 * <p><b>Threading:</b> thread-safe; each request blocks its caller.
 */
final class RegistryTransport implements AutoCloseable {

  static final int MAX_RESPONSE_BYTES = 4 << 20;

  private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final int RETRY_MULTIPLIER = 2;
  private static final double RETRY_JITTER = 0.2;
  private static final int MAX_QUOTED_CHARS = 300;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Waits between two tries. */
  interface Waiter {

    /** Returns true if there is no point in trying again, because the transport was closed. */
    boolean await(long millis) throws InterruptedException;
  }

  /** Worth trying again. */
  private static final class TransientException extends Exception {
    private static final long serialVersionUID = 1L;

    TransientException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  private final SchemaRegistryConfig config;
  private final HttpClient http;
  private final Duration tryTimeout;
  private final ExponentialBackoff backoff;
  private final int maxRetries;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Waiter waiter;
  private final LongSupplier nanoTime;
  private volatile int preferredUrl;

  /**
   * @param nanoTime the clock of the deadlines
   */
  RegistryTransport(SchemaRegistryConfig config, @Nullable Waiter waiter, LongSupplier nanoTime) {
    this.config = config;
    this.nanoTime = nanoTime;
    this.waiter = waiter != null ? waiter : this::awaitClose;
    this.http = httpClient(config);
    this.tryTimeout =
        Duration.ofMillis(
            (long) config.getInt(SchemaRegistryConfig.CONNECT_TIMEOUT_MS)
                + config.getInt(SchemaRegistryConfig.READ_TIMEOUT_MS));
    this.backoff =
        new ExponentialBackoff(
            config.getInt(SchemaRegistryConfig.RETRIES_WAIT_MS),
            RETRY_MULTIPLIER,
            config.getInt(SchemaRegistryConfig.RETRIES_MAX_WAIT_MS),
            RETRY_JITTER);
    this.maxRetries = config.getInt(SchemaRegistryConfig.MAX_RETRIES);
  }

  private static HttpClient httpClient(SchemaRegistryConfig config) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(
                Duration.ofMillis(config.getInt(SchemaRegistryConfig.CONNECT_TIMEOUT_MS)));
    if (config.urls().stream().anyMatch(url -> url.getScheme().equals("https"))) {
      try (DefaultSslEngineFactory stores = new DefaultSslEngineFactory()) {
        stores.configure(config.tls());
        builder.sslContext(stores.sslContext());
      } catch (KafkaException e) {
        throw new ConfigException(
            "The "
                + SchemaRegistryConfig.PREFIX
                + "ssl.* settings can't be used: "
                + rootMessage(e)
                + ".");
      }
      builder.sslParameters(sslParameters(config));
    }
    return builder.build();
  }

  private static SSLParameters sslParameters(SchemaRegistryConfig config) {
    SSLParameters parameters = new SSLParameters();
    String prefix = SchemaRegistryConfig.PREFIX;
    List<String> protocols = config.getList(prefix + SslConfigs.SSL_ENABLED_PROTOCOLS_CONFIG);
    if (protocols != null && !protocols.isEmpty()) {
      parameters.setProtocols(protocols.toArray(String[]::new));
    }
    List<String> ciphers = config.getList(prefix + SslConfigs.SSL_CIPHER_SUITES_CONFIG);
    if (ciphers != null && !ciphers.isEmpty()) {
      parameters.setCipherSuites(ciphers.toArray(String[]::new));
    }
    return parameters;
  }

  /** When requests that begin now and have that long together must have ended. */
  long endNanos(Duration deadline) {
    return nanoTime.getAsLong() + deadline.toNanos();
  }

  /** Asks for a path and query, both encoded, until {@link #endNanos} at most. */
  JsonNode get(String path, long endNanos) {
    return send("GET", path, null, endNanos);
  }

  /** Posts a document to a path and query, both encoded, until {@link #endNanos} at most. */
  JsonNode post(String path, JsonNode document, long endNanos) {
    return send("POST", path, document.toString(), endNanos);
  }

  private JsonNode send(String method, String path, @Nullable String document, long endNanos) {
    int first = preferredUrl;
    int urlCount = config.urls().size();
    SchemaRegistryException failure = null;
    for (int i = 0; i < urlCount; i++) {
      int url = (first + i) % urlCount;
      try {
        long nowNanos = nanoTime.getAsLong();
        long shareNanos = (endNanos - nowNanos) / (urlCount - i);
        JsonNode answer = sendTo(request(url, method, path, document), nowNanos + shareNanos);
        preferredUrl = url;
        return answer;
      } catch (TransientException e) {
        SchemaRegistryException unavailable =
            new SchemaRegistryException(
                "The schema registry "
                    + config.urls().get(url)
                    + " can't be reached or doesn't work ("
                    + e.getMessage()
                    + "); check it and "
                    + SchemaRegistryConfig.URL
                    + ".",
                true,
                0,
                e.getCause());
        if (failure != null) {
          unavailable.addSuppressed(failure);
        }
        failure = unavailable;
      }
    }
    throw failure;
  }

  private JsonNode sendTo(HttpRequest request, long endNanos) throws TransientException {
    for (int attempt = 0; ; attempt++) {
      long waitMillis = backoff.backoff(attempt);
      try {
        return read(exchange(request, Math.min(tryTimeout.toMillis(), millisUntil(endNanos))));
      } catch (TransientException e) {
        if (attempt >= maxRetries || waitMillis >= millisUntil(endNanos)) {
          throw e;
        }
      }
      pause(waitMillis);
    }
  }

  private long millisUntil(long endNanos) {
    return Math.max(0, TimeUnit.NANOSECONDS.toMillis(endNanos - nanoTime.getAsLong()));
  }

  private HttpRequest request(int url, String method, String path, @Nullable String document) {
    URI uri = URI.create(config.urls().get(url) + path);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).header("Accept", MEDIA_TYPE + ", application/json;q=0.5");
    String authorization = config.authorization(url);
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    if (document == null) {
      return request.method(method, BodyPublishers.noBody()).build();
    }
    return request
        .header("Content-Type", MEDIA_TYPE)
        .method(method, BodyPublishers.ofString(document))
        .build();
  }

  private HttpResponse<byte[]> exchange(HttpRequest request, long timeoutMillis)
      throws TransientException {
    CompletableFuture<HttpResponse<byte[]>> pending =
        http.sendAsync(request, head -> new CappedBody(MAX_RESPONSE_BYTES));
    try {
      // Unlike the request's own time-out, which ends with the headers, this covers the body.
      return pending.get(timeoutMillis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      pending.cancel(true);
      throw new TransientException("no answer within " + timeoutMillis + " ms", e);
    } catch (InterruptedException e) {
      pending.cancel(true);
      throw interrupted(e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      if (cause instanceof CappedBody.TooLargeException) {
        throw refusal(request.uri(), rootMessage(cause), 0, cause);
      }
      if (cause instanceof SSLException) {
        throw new TransientException(
            "TLS fails: %s; see %sssl.*".formatted(rootMessage(cause), SchemaRegistryConfig.PREFIX),
            cause);
      }
      if (cause instanceof IOException) {
        throw new TransientException(rootMessage(cause), cause);
      }
      throw refusal(request.uri(), rootMessage(cause), 0, cause);
    }
  }

  private static JsonNode read(HttpResponse<byte[]> response) throws TransientException {
    int status = response.statusCode();
    if (status == 408 || status == 429 || status >= 500) {
      throw new TransientException("it answers with status " + status, null);
    }
    URI uri = response.uri();
    if (status == 401 || status == 403) {
      throw refusal(
          uri,
          (status == 401 ? "it refuses the credentials" : "it doesn't permit this")
              + " (status "
              + status
              + "); check basic.auth.user.info or bearer.auth.token, and what they may do",
          0,
          null);
    }
    if (status >= 300 && status < 400) {
      throw refusal(
          uri,
          "it redirects (status "
              + status
              + "), which isn't followed; set "
              + SchemaRegistryConfig.URL
              + " to where it really is",
          0,
          null);
    }
    JsonNode document = parse(response.body());
    if (status >= 400) {
      int errorCode = document.path("error_code").asInt(0);
      String message = document.path("message").asText("");
      throw refusal(
          uri,
          "status "
              + status
              + (errorCode == 0 ? "" : ", error " + errorCode)
              + (message.isBlank()
                  ? ""
                  : ": " + UntrustedText.oneLine(message.strip(), MAX_QUOTED_CHARS)),
          errorCode,
          null);
    }
    if (document.isMissingNode()) {
      throw refusal(
          uri,
          "its answer isn't JSON; check whether "
              + SchemaRegistryConfig.URL
              + " is really the registry's API",
          0,
          null);
    }
    return document;
  }

  private static JsonNode parse(byte[] body) {
    try {
      return JSON.readTree(body);
    } catch (IOException e) {
      // Broken JSON, or bytes that are no text.
      return MissingNode.getInstance();
    }
  }

  private void pause(long millis) {
    try {
      if (waiter.await(millis)) {
        throw new SchemaRegistryException(
            "The schema registry's client was closed.", true, 0, null);
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private boolean awaitClose(long millis) throws InterruptedException {
    return closed.await(millis, TimeUnit.MILLISECONDS);
  }

  private static SchemaRegistryException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new SchemaRegistryException(
        "Interrupted while waiting for the schema registry.", true, 0, cause);
  }

  private static SchemaRegistryException refusal(
      URI uri, String reason, int errorCode, @Nullable Throwable cause) {
    return new SchemaRegistryException(
        "The schema registry can't answer " + uri + ": " + reason + ".", false, errorCode, cause);
  }

  private static String rootMessage(Throwable error) {
    Throwable root = error;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    String message = root.getMessage();
    return message == null || message.isBlank() ? root.getClass().getSimpleName() : message;
  }

  /** Ends waits between tries. */
  @Override
  public void close() {
    closed.countDown();
  }
}
