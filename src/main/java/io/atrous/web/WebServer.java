package io.atrous.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves {@code /metrics} and {@code /health/started}, {@code /health/ready}, {@code /health/live}
 * over HTTP, and the pages of a {@link Site} if it is given one. Only GET and HEAD are answered;
 * what a page says comes from the suppliers that it is given.
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
  private static final String JSON = "application/json";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final HttpServer server;
  private final RequestThreads threads = new RequestThreads(THREADS);
  private final Optional<SiteServer> site;

  private WebServer(HttpServer server, Optional<SiteServer> site) {
    this.server = server;
    this.site = site;
    server.setExecutor(threads);
    site.ifPresent(pages -> server.createContext("/", pages));
  }

  /**
   * Starts to listen.
   *
   * @param metrics writes the exposition for a scraper's Accept header; see {@link Metrics}
   * @param site pages for people, if there are any
   * @throws IOException if the address is taken or not this machine's
   */
  public static WebServer start(
      ListenAddress address, Metrics metrics, Health health, Optional<Site> site)
      throws IOException {
    InetSocketAddress socket =
        address.host().equals(ListenAddress.ANY_HOST)
            ? new InetSocketAddress(address.port())
            : new InetSocketAddress(address.host(), address.port());
    WebServer web = new WebServer(HttpServer.create(socket, BACKLOG), site.map(SiteServer::new));
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
    return Page.of(200, exposition.mediaType(), exposition.body());
  }

  private static Page health(Health.Report report) throws IOException {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("status", report.up() ? "UP" : "DOWN");
    json.put("parts", report.parts());
    return Page.of(report.up() ? 200 : 503, JSON, MAPPER.writeValueAsString(json) + "\n");
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
        Page.sentence(404, "Not found").send(exchange);
      } else if (!Page.isRead(exchange)) {
        Page.onlyReads(exchange).send(exchange);
      } else {
        @Nullable String accept = exchange.getRequestHeaders().getFirst("Accept");
        source.get(accept == null ? "" : accept).send(exchange);
      }
    } catch (IOException e) {
      LOG.debug("A reader of {} went away", path, e);
    } catch (RuntimeException e) {
      LOG.warn("{} can't be shown", path, e);
    }
  }

  @Override
  public void close() {
    site.ifPresent(SiteServer::close);
    server.stop(0);
    threads.close();
  }
}
