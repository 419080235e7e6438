package io.atrous.tracing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * A collector of spans: takes OTLP over HTTP, and keeps what comes.
 *
 * <p><b>Threading:</b> thread-safe. Owns its server.
 */
public final class OtlpReceiver implements AutoCloseable {

  private final HttpServer server;
  // Guarded by this.
  private final List<Span> spans = new ArrayList<>();
  private final List<Resource> resources = new ArrayList<>();

  private OtlpReceiver(HttpServer server) {
    this.server = server;
  }

  public static OtlpReceiver start() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    OtlpReceiver receiver = new OtlpReceiver(server);
    server.createContext("/v1/traces", receiver::take);
    server.start();
    return receiver;
  }

  /** The value of OTEL_EXPORTER_OTLP_ENDPOINT that leads here. */
  public String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** What has come so far. */
  public synchronized List<Span> spans() {
    return List.copyOf(spans);
  }

  /** Whose spans have come. */
  public synchronized List<Resource> resources() {
    return List.copyOf(resources);
  }

  private synchronized void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      ExportTraceServiceRequest.parseFrom(exchange.getRequestBody())
          .getResourceSpansList()
          .forEach(
              one -> {
                resources.add(one.getResource());
                one.getScopeSpansList().forEach(scope -> spans.addAll(scope.getSpansList()));
              });
      exchange.sendResponseHeaders(200, -1);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
