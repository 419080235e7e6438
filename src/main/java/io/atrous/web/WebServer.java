package io.atrous.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves {@code /metrics} and {@code /health/started}, {@code /health/ready}, {@code /health/live}
 * over HTTP. Only GET and HEAD are answered; what a page says comes from the suppliers that it is
 * given.
 *
 * <p>Liveness says only that this thread answers: the service ends its process itself when it can't
 * go on, and a probe that restarted it during a rebalance would do harm.
 *
 * <p>No client holds the others up: {@link RequestThreads} ends the oldest request if there are too
 * many, and {@link HttpServerLimits} bound what one may take.
 *
 * <p><b>Threading:</b> thread-safe. Owns its socket and its threads.
 */
public final class WebServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);

  static {
    HttpServerLimits.apply();
  }

  /** Far more than scrapers and probes need at once. */
  static final int THREADS = 16;

  private static final int BACKLOG = 64;
  private static final int WRITE_BYTES = 16 << 10;
  private static final String JSON = "application/json";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final HttpServer server;
  private final RequestThreads threads = new RequestThreads(THREADS);

  /**
   * A body with its media type and status.
   *
   * @param status an HTTP status code
   */
  private record Page(int status, String mediaType, String body) {}

  private WebServer(HttpServer server) {
    this.server = server;
    server.setExecutor(threads);
  }

  /**
   * Starts to listen.
   *
   * @param metrics writes the exposition for a scraper's Accept header; see {@link Metrics}
   * @throws IOException if the address is taken or not this machine's
   */
  public static WebServer start(ListenAddress address, Metrics metrics, Health health)
      throws IOException {
    InetSocketAddress socket =
        address.host().equals(ListenAddress.ANY_HOST)
            ? new InetSocketAddress(address.port())
            : new InetSocketAddress(address.host(), address.port());
    WebServer web = new WebServer(HttpServer.create(socket, BACKLOG));
    web.page("/metrics", accept -> metrics(metrics, accept));
    web.page("/health/live", accept -> health(new Health.Report(true, Map.of())));
    web.page("/health/started", accept -> health(health.started()));
    web.page("/health/ready", accept -> health(health.ready()));
    web.server.start();
    return web;
  }

  /** The port that it listens at. */
  public int port() {
    return server.getAddress().getPort();
  }

  private static Page metrics(Metrics metrics, String accept) {
    Metrics.Exposition exposition = metrics.scrape(accept);
    return new Page(200, exposition.mediaType(), exposition.body());
  }

  private static Page health(Health.Report report) throws IOException {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("status", report.up() ? "UP" : "DOWN");
    json.put("parts", report.parts());
    return new Page(report.up() ? 200 : 503, JSON, MAPPER.writeValueAsString(json) + "\n");
  }

  /** What makes a page for an Accept header. */
  @FunctionalInterface
  private interface PageSource {
    Page get(String accept) throws IOException;
  }

  private void page(String path, PageSource source) {
    server.createContext(path, exchange -> answer(exchange, path, source));
  }

  private static void answer(HttpExchange exchange, String path, PageSource source) {
    try (exchange) {
      // The server finds a context by the beginning of a path.
      if (!exchange.getRequestURI().getPath().equals(path)) {
        send(exchange, new Page(404, "text/plain; charset=utf-8", "Not found\n"));
      } else if (!isRead(exchange.getRequestMethod())) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        send(exchange, new Page(405, "text/plain; charset=utf-8", "Only GET and HEAD\n"));
      } else {
        @Nullable String accept = exchange.getRequestHeaders().getFirst("Accept");
        send(exchange, source.get(accept == null ? "" : accept));
      }
    } catch (IOException e) {
      LOG.debug("A reader of {} went away", path, e);
    } catch (RuntimeException e) {
      LOG.warn("{} can't be shown", path, e);
    }
  }

  private static boolean isRead(String method) {
    return method.equals("GET") || method.equals("HEAD");
  }

  private static void send(HttpExchange exchange, Page page) throws IOException {
    byte[] body = page.body().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", page.mediaType());
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(page.status(), -1);
    } else {
      exchange.sendResponseHeaders(page.status(), body.length);
      // The server copies what it writes at once, outside of the heap.
      for (int from = 0; from < body.length; from += WRITE_BYTES) {
        int count = Math.min(WRITE_BYTES, body.length - from);
        exchange.getResponseBody().write(body, from, count);
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
