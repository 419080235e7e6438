package io.atrous.web;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import io.atrous.web.EventFeed.Event;
import io.atrous.web.EventFeed.Viewing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Server-sent events for a bounded number of viewers, each at its own pace: a viewer that reads
 * slowly gets fewer updates, holds up nobody, and is cut off after a while. No request waits for a
 * viewer: a stream goes on without the thread that has read its request.
 *
 * <p><b>Threading:</b> thread-safe. Owns a thread for each viewer, and one that cuts viewers off.
 */
final class EventStream implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);

  private static final long IDLE_SECONDS = 10;
  private static final Pattern PARAMETERS = Pattern.compile("&");
  private static final String SUBJECT = "subject=";
  private static final String VIEWER = "viewer=";

  private final EventFeed feed;
  private final StreamLimits limits;
  private final Semaphore places;

  /** Those that have named themselves, by that name. */
  private final Map<String, Viewer> named = new ConcurrentHashMap<>();

  private final ScheduledThreadPoolExecutor threads;

  EventStream(EventFeed feed, StreamLimits limits) {
    this.feed = feed;
    this.limits = limits;
    this.places = new Semaphore(limits.viewers());
    this.threads = new ScheduledThreadPoolExecutor(limits.viewers() + 1, EventStream::newThread);
    threads.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    threads.allowCoreThreadTimeOut(true);
    threads.setRemoveOnCancelPolicy(true);
  }

  @SuppressWarnings(
      "ThreadPriorityCheck") // Where priorities count, viewers slow nothing else down.
  private static Thread newThread(Runnable task) {
    Thread thread = new Thread(task, "web-viewer");
    thread.setDaemon(true);
    thread.setPriority(Thread.MIN_PRIORITY);
    return thread;
  }

  /**
   * Begins a stream, or refuses it. It takes the exchange over and closes it.
   *
   * @throws IOException if the viewer has gone away
   */
  void answer(HttpExchange exchange) throws IOException {
    String query = exchange.getRequestURI().getRawQuery();
    List<String> subjects;
    List<String> names;
    try {
      subjects = values(query, SUBJECT);
      names = values(query, VIEWER);
    } catch (IllegalArgumentException e) {
      refuse(exchange, 400, "The query can't be read");
      return;
    }
    if (isForeign(exchange)) {
      refuse(exchange, 403, "Only the page of this server may look");
      return;
    }
    String name = names.isEmpty() ? null : names.get(0);
    Viewer before = name == null ? null : named.get(name);
    if (before != null) {
      // It looks elsewhere now; that it has left its old stream would show only later.
      before.cutOff();
    }
    if (!places.tryAcquire()) {
      refuse(
          exchange,
          503,
          "%d viewers look already, as many as may. Close one, or try again later."
              .formatted(limits.viewers()));
    } else {
      new Viewer(exchange, name, feed.begin(subjects)).begin();
    }
  }

  /**
   * Returns whether a browser asks for another server's page. It would not let that page read the
   * answer, but hold a place for it meanwhile.
   */
  private static boolean isForeign(HttpExchange exchange) {
    String site = exchange.getRequestHeaders().getFirst("Sec-Fetch-Site");
    return site != null && !site.equals("same-origin") && !site.equals("none");
  }

  private static void refuse(HttpExchange exchange, int status, String sentence)
      throws IOException {
    try (exchange) {
      Page.sentence(status, sentence).send(exchange);
    }
  }

  /** Returns the values of a query's parameters of one name. */
  private static List<String> values(@Nullable String query, String name) {
    return PARAMETERS
        .splitAsStream(query == null ? "" : query)
        .filter(parameter -> parameter.startsWith(name))
        .map(
            parameter ->
                URLDecoder.decode(parameter.substring(name.length()), StandardCharsets.UTF_8))
        .toList();
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }

  /** One viewer, from its request to the end of its stream. */
  private final class Viewer {

    private final HttpExchange exchange;
    private final @Nullable String name;
    private final Viewing viewing;
    // Guarded by this.
    private int updatesLeft = limits.updates();
    private boolean begun;
    private boolean ended;
    private volatile @Nullable Future<?> updates;
    private @Nullable Future<?> cut;

    Viewer(HttpExchange exchange, @Nullable String name, Viewing viewing) {
      this.exchange = exchange;
      this.name = name;
      this.viewing = viewing;
    }

    synchronized void begin() {
      if (name != null) {
        named.put(name, this);
      }
      try {
        long interval = limits.interval().toNanos();
        updates = threads.scheduleWithFixedDelay(this::update, 0, interval, TimeUnit.NANOSECONDS);
        cut = threads.schedule(this::cutOff, limits.patience().toMillis(), TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException closed) {
        end();
      }
    }

    private synchronized void update() {
      if (ended) {
        return;
      }
      try {
        if (!begun) {
          begun = true;
          beginResponse();
        }
        write(viewing.next());
        updatesLeft--;
        if (updatesLeft == 0 || Page.isHead(exchange)) {
          end();
        }
      } catch (IOException e) {
        LOG.debug("A viewer went away", e);
        end();
      } catch (RuntimeException e) {
        LOG.warn("A viewer can't be told what is new", e);
        end();
      }
    }

    private void beginResponse() throws IOException {
      Headers headers = exchange.getResponseHeaders();
      headers.set("Content-Type", "text/event-stream; charset=utf-8");
      headers.set("Cache-Control", "no-store");
      headers.set("X-Content-Type-Options", "nosniff");
      exchange.sendResponseHeaders(200, Page.isHead(exchange) ? -1 : 0);
    }

    private void write(List<Event> events) throws IOException {
      if (Page.isHead(exchange)) {
        return;
      }
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      append(text, "retry: " + limits.retry().toMillis() + "\n\n");
      for (Event event : events) {
        append(text, "event: " + event.name() + "\ndata: " + event.data() + "\n\n");
      }
      text.writeTo(exchange.getResponseBody());
      exchange.getResponseBody().flush();
    }

    private static void append(ByteArrayOutputStream text, String part) {
      text.writeBytes(part.getBytes(StandardCharsets.UTF_8));
    }

    /** Ends a stream that may be in the middle of a write; an interrupt closes its connection. */
    void cutOff() {
      Future<?> running = updates;
      if (running != null) {
        running.cancel(true);
      }
      Thread.currentThread().interrupt();
      end();
      var unused = Thread.interrupted();
    }

    private synchronized void end() {
      if (ended) {
        return;
      }
      ended = true;
      if (updates != null) {
        updates.cancel(false);
      }
      if (cut != null) {
        cut.cancel(false);
      }
      viewing.close();
      if (name != null) {
        named.remove(name, this);
      }
      try {
        exchange.close();
      } finally {
        places.release();
      }
    }
  }
}
