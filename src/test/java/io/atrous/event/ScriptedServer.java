package io.atrous.event;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP server that gives the answers it was told to, in order, and remembers what it was asked.
 */
public final class ScriptedServer implements AutoCloseable {

  /** Answers one request. */
  public interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Queue<Answer> answers = new ArrayDeque<>();
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private final List<@Nullable String> authorizations =
      Collections.synchronizedList(new ArrayList<>());

  public ScriptedServer() {
    this(null);
  }

  public ScriptedServer(@Nullable SSLContext tls) {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try {
      if (tls == null) {
        server = HttpServer.create(address, 0);
      } else {
        HttpsServer https = HttpsServer.create(address, 0);
        https.setHttpsConfigurator(new HttpsConfigurator(tls));
        server = https;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  public String url() {
    return "http://127.0.0.1:" + port();
  }

  public ScriptedServer then(Answer answer) {
    synchronized (answers) {
      answers.add(answer);
    }
    return this;
  }

  public ScriptedServer then(int status, String body) {
    return then(
        exchange -> {
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
          }
        });
  }

  /** What was asked so far, as "METHOD path?query body". */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  /** The Authorization header of each request, or null. */
  public List<@Nullable String> authorizations() {
    return Collections.unmodifiableList(new ArrayList<>(authorizations));
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      requests.add(
          (exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + body).strip());
      authorizations.add(exchange.getRequestHeaders().getFirst("Authorization"));
      Answer answer;
      synchronized (answers) {
        answer = answers.poll();
      }
      if (answer == null) {
        exchange.sendResponseHeaders(418, -1);
      } else {
        answer.to(exchange);
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
