package io.atrous.web;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves a {@link Site}. Nothing that it serves runs or loads anything from elsewhere, and no page
 * of others may show or read it.
 *
 * <p>A request must name this machine by an address, as {@code localhost} or as one of the site's
 * {@linkplain Site#hosts hosts}. Otherwise anybody's page could have its own name lead to this
 * machine, and a browser that may reach this server would let it read the answers ("DNS
 * rebinding").
 *
 * <p><b>Threading:</b> thread-safe. Owns its stream.
 */
final class SiteServer implements HttpHandler, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SiteServer.class);

  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  private static final Pattern HOST = Pattern.compile("(\\[[0-9a-f:.%]+]|[^\\s:\\[\\]]+)(:\\d*)?");
  private static final Pattern ADDRESS = Pattern.compile("\\[.*]|\\d{1,3}(\\.\\d{1,3}){3}");

  private final Site site;
  private final EventStream stream;

  SiteServer(Site site) {
    this.site = site;
    this.stream = new EventStream(site.events(), site.limits());
  }

  @Override
  public void handle(HttpExchange exchange) {
    String path = exchange.getRequestURI().getPath();
    try {
      Headers headers = exchange.getResponseHeaders();
      headers.set("Content-Security-Policy", POLICY);
      headers.set("Cross-Origin-Resource-Policy", "same-origin");
      headers.set("Referrer-Policy", "no-referrer");
      Site.@Nullable File file = site.files().get(path);
      boolean isStream = site.eventsPath().equals(path);
      if (file == null && !isStream) {
        Page.sentence(404, "Not found").send(exchange);
      } else if (!Page.isRead(exchange)) {
        Page.onlyReads(exchange).send(exchange);
      } else if (!isKnown(exchange.getRequestHeaders().getFirst("Host"), site.hosts())) {
        Page.sentence(
                421,
                "This page is not served under that host name. Use an address or localhost, or add"
                    + " the name to web.live.hosts.")
            .send(exchange);
      } else if (file != null) {
        new Page(200, file.mediaType(), file.content()).send(exchange);
      } else {
        // It goes on without this thread.
        stream.answer(exchange);
        return;
      }
    } catch (IOException e) {
      LOG.debug("A reader of {} went away", path, e);
    } catch (RuntimeException e) {
      LOG.warn("{} can't be shown", path, e);
    }
    exchange.close();
  }

  /** Returns whether a Host header names this machine in a way that nobody else can lead to it. */
  static boolean isKnown(@Nullable String host, Set<String> names) {
    Matcher parts = HOST.matcher(host == null ? "" : host.toLowerCase(Locale.ROOT));
    if (!parts.matches()) {
      return false;
    }
    String name = parts.group(1);
    return name.equals("localhost") || ADDRESS.matcher(name).matches() || names.contains(name);
  }

  @Override
  public void close() {
    stream.close();
  }
}
