package io.atrous.ingest;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Cameras that answer a request with JPEGs without end, as multipart/x-mixed-replace. What each
 * sends on each connection is up to the test. It serves files, too.
 *
 * <p><b>Threading:</b> thread-safe; each connection has a thread.
 */
final class MjpegServer implements AutoCloseable {

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Map<String, AtomicInteger> connections = new HashMap<>();

  /** Sends the pictures of one connection. */
  interface Film {

    /**
     * Plays; the connection ends when it returns.
     *
     * @param connection the number of the connection to this camera, from 0
     */
    void play(int connection, Player player) throws IOException, InterruptedException;
  }

  MjpegServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.start();
  }

  /** Adds a camera, and returns where it is, without a scheme. */
  String add(String name, Film film) {
    AtomicInteger count = new AtomicInteger();
    connections.put(name, count);
    server.createContext("/" + name, exchange -> serve(exchange, film, count.getAndIncrement()));
    return "127.0.0.1:" + server.getAddress().getPort() + "/" + name;
  }

  /** Serves the files of a folder, and returns where it is, without a scheme. */
  String addFolder(String name, Path folder) {
    server.createContext(
        "/" + name + "/",
        exchange -> {
          try (exchange) {
            Path file = Path.of(exchange.getRequestURI().getPath()).getFileName();
            byte[] content = Files.readAllBytes(folder.resolve(file));
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content);
          }
        });
    return "127.0.0.1:" + server.getAddress().getPort() + "/" + name;
  }

  /** Returns how often a camera was asked. */
  int connections(String name) {
    return Objects.requireNonNull(connections.get(name)).get();
  }

  private void serve(HttpExchange exchange, Film film, int connection) throws IOException {
    try (exchange) {
      exchange
          .getResponseHeaders()
          .set("Content-Type", "multipart/x-mixed-replace; boundary=picture");
      exchange.sendResponseHeaders(200, 0);
      film.play(connection, new Player(exchange.getResponseBody(), closed));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sends parts on a connection. */
  record Player(OutputStream out, CountDownLatch closed) {

    void send(byte[] part) throws IOException {
      out.write(
          "--picture\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
              .formatted(part.length)
              .getBytes(StandardCharsets.US_ASCII));
      out.write(part);
      out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
      out.flush();
    }

    /** Sends nothing for a while; returns whether the server is closed. */
    boolean pause(long millis) throws InterruptedException {
      return closed.await(millis, TimeUnit.MILLISECONDS);
    }

    /** Sends nothing any more, and stays connected. */
    void fallSilent() throws InterruptedException {
      closed.await();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
