package io.atrous.payload;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Web servers. Redirects aren't followed, and no credentials are sent. */
final class HttpStore implements PayloadStore {

  private final HttpClient client;
  private final LongSupplier nanoTime;

  HttpStore(Duration connectTimeout, LongSupplier nanoTime) {
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(connectTimeout)
            .build();
    this.nanoTime = nanoTime;
  }

  @Override
  public byte[] read(PayloadUri uri, int maxBytes, Duration timeout)
      throws StoreException, InterruptedException {
    long deadlineNanos = nanoTime.getAsLong() + timeout.toNanos();
    HttpRequest request = HttpRequest.newBuilder(uri.toUri()).timeout(timeout).build();
    try {
      HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        if (response.statusCode() != 200) {
          throw StoreException.ofStatus(response.statusCode());
        }
        return read(body, maxBytes, deadlineNanos - nanoTime.getAsLong());
      }
    } catch (HttpTimeoutException e) {
      throw StoreException.late();
    } catch (IOException e) {
      throw StoreException.ofConnection(e);
    }
  }

  /** The request's own time-out ends with the headers; this one closes the body. */
  @SuppressWarnings("FutureReturnValueIgnored") // The reader sees that the body is closed.
  private static byte[] read(InputStream body, int maxBytes, long timeoutNanos)
      throws IOException, StoreException {
    CompletableFuture<Void> end = new CompletableFuture<>();
    end.orTimeout(Math.max(0, timeoutNanos), TimeUnit.NANOSECONDS)
        .whenComplete((done, late) -> closeIf(late != null, body));
    try {
      return body.readNBytes(maxBytes);
    } catch (IOException e) {
      if (end.isDone()) {
        throw StoreException.late();
      }
      throw e;
    } finally {
      end.complete(null);
    }
  }

  private static void closeIf(boolean late, InputStream body) {
    if (late) {
      try {
        body.close();
      } catch (IOException e) {
        // The reader fails all the same.
      }
    }
  }
}
