package io.atrous.web;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * A whole answer: a body with its media type and status.
 *
 * <p><b>Threading:</b> immutable by contract; the body is not copied.
 *
 * @param status an HTTP status code
 */
@SuppressWarnings("ArrayRecordComponent")
record Page(int status, String mediaType, byte[] body) {

  private static final int WRITE_BYTES = 16 << 10;

  /** Makes a page of text. */
  static Page of(int status, String mediaType, String text) {
    return new Page(status, mediaType, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Makes a page that says in a sentence why there is no other. */
  static Page sentence(int status, String sentence) {
    return of(status, "text/plain; charset=utf-8", sentence + "\n");
  }

  /** Refuses a method that would write. */
  static Page onlyReads(HttpExchange exchange) {
    exchange.getResponseHeaders().set("Allow", "GET, HEAD");
    return sentence(405, "Only GET and HEAD");
  }

  static boolean isRead(HttpExchange exchange) {
    return exchange.getRequestMethod().equals("GET") || isHead(exchange);
  }

  static boolean isHead(HttpExchange exchange) {
    return exchange.getRequestMethod().equals("HEAD");
  }

  /** Writes the whole answer. */
  void send(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", mediaType);
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    if (isHead(exchange)) {
      exchange.sendResponseHeaders(status, -1);
    } else {
      exchange.sendResponseHeaders(status, body.length);
      // The server copies what it writes at once, outside of the heap.
      for (int from = 0; from < body.length; from += WRITE_BYTES) {
        int count = Math.min(WRITE_BYTES, body.length - from);
        exchange.getResponseBody().write(body, from, count);
      }
    }
  }
}
