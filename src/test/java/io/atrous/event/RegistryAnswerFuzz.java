package io.atrous.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.fuzz.FuzzTarget;
import io.atrous.fuzz.Mutator;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.Schema;

/**
 * Whatever a registry answers: a schema with which a record is read, or one of the two exceptions,
 * which say whose fault it is.
 */
public final class RegistryAnswerFuzz implements FuzzTarget {

  private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s";

  /** A schema may be as large as an answer, and JSON trees are larger than JSON. */
  private static final long MAX_ALLOCATED_BYTES = 64 << 20;

  private static final Schema SCHEMA = EventSchemas.of(FrameEvent.class);

  private final ServerSocket server;
  private final SchemaRegistryClient client;
  private final Map<String, String> settings;
  private final byte[] record;
  private volatile byte[] answer = {};

  public RegistryAnswerFuzz() {
    AvroEnvironment.prepare();
    try {
      server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      record = record();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    settings =
        Map.of(
            "schema.registry.url",
            "http://127.0.0.1:" + server.getLocalPort(),
            "max.retries",
            "0",
            "http.read.timeout.ms",
            "2000");
    client = new SchemaRegistryClient(new SchemaRegistryConfig(settings));
    Thread thread = new Thread(this::serve, "fuzzed-registry");
    thread.setDaemon(true);
    thread.start();
  }

  private static byte[] record() throws IOException {
    FrameEvent event =
        FrameEvent.newBuilder()
            .setFrameId("frame")
            .setCameraId("camera")
            .setSequence(1)
            .setCapturedAt(Instant.EPOCH)
            .setEncoding(FrameEncoding.PNG)
            .setPayload(ByteBuffer.wrap(new byte[40]))
            .setAttributes(Map.of("a", "b"))
            .build();
    byte[] body = FrameEvent.getEncoder().encode(event).array();
    // Avro's own framing takes ten bytes, Confluent's five.
    return ByteBuffer.allocate(body.length - 5)
        .put(new byte[5])
        .put(body, 10, body.length - 10)
        .array();
  }

  @Override
  public String name() {
    return "registry";
  }

  @Override
  public boolean runsInItself() {
    return false;
  }

  @Override
  public List<byte[]> seeds() {
    String quoted = SCHEMA.toString().replace("\\", "\\\\").replace("\"", "\\\"");
    return Stream.of(
            "{\"schema\":\"" + quoted + "\"}",
            "{\"subject\":\"frames-value\",\"version\":1,\"id\":7,\"schemaType\":\"AVRO\",\"schema\":\""
                + quoted
                + "\"}",
            "{\"schema\":\"[\\\"some.B\\\"]\",\"references\":[{\"name\":\"some.B\",\"subject\":\":.c:b\",\"version\":1}]}",
            "{\"id\":7}",
            "[\"frames-value\",\"masks-value\"]")
        .map(body -> HEAD.formatted(body.length(), body).getBytes(StandardCharsets.UTF_8))
        .toList();
  }

  @Override
  public List<byte[]> words() {
    return Stream.of(
            "\r\n",
            "\r\n\r\n",
            "HTTP/1.1 404 \r\n",
            "HTTP/1.1 302 \r\n",
            "HTTP/1.1 100 \r\n\r\n",
            "HTTP/1.1 503 \r\n",
            "Location: http://127.0.0.1:1/\r\n",
            "Content-Length: 99999\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Content-Encoding: gzip\r\n",
            "{",
            "}",
            "[",
            "]",
            "null",
            "\\\"null\\\"",
            "\\\"fixed\\\"",
            "\\\"size\\\":2147483647",
            "\\\"array\\\"",
            "\\\"items\\\":\\\"null\\\"",
            "\\\"map\\\"",
            "\\\"values\\\":",
            "\\\"enum\\\"",
            "\\\"symbols\\\":[]",
            "\\\"record\\\"",
            "\\\"fields\\\":[]",
            "\\\"type\\\":",
            "\\\"default\\\":",
            "\\\"logicalType\\\":\\\"decimal\\\"",
            "\\\"error\\\"",
            "\\\"bytes\\\"",
            "\\\"string\\\"",
            "\\\"FrameEvent\\\"",
            "\\\"java-class\\\":",
            "\\\"java.lang.Thread\\\"",
            "\"error_code\":40403",
            "\"schemaType\":\"PROTOBUF\"",
            "\"references\":[",
            "{\"subject\":\"a\",\"version\":1}",
            "{\"subject\":\":.\",\"version\":-1},",
            "\\\"some.B\\\"",
            "[[[[[[[[[[[[[[[[",
            "1e999999999",
            "\\u0000",
            "\\ud800")
        .map(word -> word.getBytes(StandardCharsets.UTF_8))
        .toList();
  }

  /** The body alone most of the time, and its size then set right. */
  @Override
  public byte[] damaged(Mutator mutator, byte[] input, byte[] donor) {
    if (mutator.below(4) == 0) {
      return mutator.mutate(input, donor);
    }
    String text = new String(input, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\r\n\r\n");
    byte[] body = text.substring(end + 4).getBytes(StandardCharsets.ISO_8859_1);
    byte[] mutated = mutator.mutate(body, donor);
    return HEAD.formatted(mutated.length, new String(mutated, StandardCharsets.ISO_8859_1))
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  @Override
  public boolean reads(byte[] input) {
    answer = input;
    try (AvroEventSerde<FrameEvent> serde = new AvroEventSerde<>(FrameEvent.class, client)) {
      serde.configure(settings, false);
      return switch (input.length % 4) {
        case 0 -> client.subjects() != null;
        case 1 -> client.latestVersion("frames-value").schema() != null;
        case 2 -> String.valueOf(client.register("frames-value", SCHEMA)).length() > 0;
        default -> serde.deserializer().deserialize("frames", record) != null;
      };
    } catch (SchemaRegistryException | InvalidEventException refused) {
      assertThat(refused.getMessage()).isNotBlank();
      return false;
    }
  }

  private void serve() {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        InputStream in = socket.getInputStream();
        // What is asked doesn't matter; its end may come in a later packet.
        var unused = in.read(new byte[1 << 16]);
        socket.getOutputStream().write(answer);
        socket.shutdownOutput();
        while (in.available() > 0 && in.read(new byte[1 << 16]) > 0) {
          // A close with unread bytes would be a reset.
        }
      } catch (SocketException e) {
        // The client has seen enough, or we are closed.
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public long maxAllocatedBytes() {
    return MAX_ALLOCATED_BYTES;
  }

  @Override
  public void close() {
    client.close();
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
