package io.atrous;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;

/**
 * A proxy before a schema registry that can fall silent: then it still accepts connections and
 * requests, and answers none.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class RegistryProxy implements AutoCloseable {

  private final URI registry;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final FutureTask<?> beforeFirst;
  private volatile boolean silent;

  RegistryProxy(URI registry) throws IOException {
    this(registry, () -> {});
  }

  /**
   * @param beforeFirst runs when the first request has come, and before it is answered
   */
  RegistryProxy(URI registry, Runnable beforeFirst) throws IOException {
    this.registry = registry;
    this.beforeFirst = new FutureTask<>(beforeFirst, null);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::forward);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  void fallSilent() {
    silent = true;
  }

  private void forward(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      if (silent) {
        closed.await();
        return;
      }
      beforeFirst.run();
      beforeFirst.get();
      HttpResponse<byte[]> answer =
          client.send(
              HttpRequest.newBuilder(registry.resolve(exchange.getRequestURI()))
                  .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body))
                  .build(),
              HttpResponse.BodyHandlers.ofByteArray());
      exchange.sendResponseHeaders(answer.statusCode(), answer.body().length);
      exchange.getResponseBody().write(answer.body());
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
