package io.atrous.embedded;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.Authenticator;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.atrous.web.HttpServerLimits;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;

/**
 * A schema registry for one machine: the part of Confluent's API that clients need to register and
 * find Avro schemas, with Confluent's default compatibility rule (BACKWARD). Like Apicurio's and
 * Karapace it names a schema's references whether or not it is asked to resolve them. It listens on
 * the loopback interface only and keeps everything in memory.
 *
 * <p><b>Threading:</b> thread-safe; requests are answered one at a time under the instance's lock.
 */
public final class LoopbackSchemaRegistry implements AutoCloseable {

  static {
    HttpServerLimits.apply();
  }

  private static final int MAX_BODY_BYTES = 1 << 20;
  private static final int THREADS = 2;
  private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** An answer other than 200, with Confluent's error code. */
  private static final class ErrorAnswer extends Exception {
    private static final long serialVersionUID = 1L;
    private final int errorCode;

    ErrorAnswer(int errorCode, String message) {
      super(message);
      this.errorCode = errorCode;
    }

    /** Confluent's codes are a status, or a status and two more digits. */
    int status() {
      return errorCode < 1_000 ? errorCode : errorCode / 100;
    }
  }

  /**
   * A schema as it was registered.
   *
   * @param text as it is told: without the types that come from its references
   * @param references as the request named them
   * @param schema with all its types
   */
  private record Registered(String text, ArrayNode references, Schema schema) {

    boolean isWrittenLike(Registered other) {
      return text.equals(other.text) && references.equals(other.references);
    }

    ObjectNode describedIn(ObjectNode answer) {
      return references.isEmpty()
          ? answer.put("schema", text)
          : answer.put("schema", text).<ObjectNode>set("references", references);
    }
  }

  private final HttpServer server;
  private final HttpContext context;
  private final ExecutorService threads;
  private final Object lock = new Object();
  private volatile boolean suspended;

  /** All schemas; the id is the index + 1. */
  private final List<Registered> schemas = new ArrayList<>();

  /** Per subject the ids of its versions; the version is the index + 1. */
  private final Map<String, List<Integer>> subjects = new TreeMap<>();

  private LoopbackSchemaRegistry(HttpServer server) {
    this.server = server;
    this.threads =
        Executors.newFixedThreadPool(
            THREADS,
            task -> {
              Thread thread = new Thread(task, "schema-registry");
              thread.setDaemon(true);
              return thread;
            });
    server.setExecutor(threads);
    this.context = server.createContext("/", this::answer);
  }

  /** Starts a registry on a free port. */
  public static LoopbackSchemaRegistry start() {
    try {
      LoopbackSchemaRegistry registry =
          new LoopbackSchemaRegistry(HttpServer.create(freeAddress(), 0));
      registry.server.start();
      return registry;
    } catch (IOException e) {
      throw new UncheckedIOException("The schema registry can't listen on the loopback", e);
    }
  }

  /** Starts a registry on a free port that speaks TLS with those who know a user. */
  static LoopbackSchemaRegistry start(SSLContext tls, Authenticator users) throws IOException {
    HttpsServer server = HttpsServer.create(freeAddress(), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    LoopbackSchemaRegistry registry = new LoopbackSchemaRegistry(server);
    registry.context.setAuthenticator(users);
    server.start();
    return registry;
  }

  private static InetSocketAddress freeAddress() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  /** The value for {@code schema.registry.url}. */
  public URI url() {
    InetSocketAddress address = server.getAddress();
    String scheme = server instanceof HttpsServer ? "https" : "http";
    return URI.create(
        scheme + "://" + address.getAddress().getHostAddress() + ":" + address.getPort());
  }

  /** From now on every request is answered with status 503. */
  public void suspend() {
    suspended = true;
  }

  /** Answers again, with all it knew. */
  public void resume() {
    suspended = false;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      int status = 200;
      JsonNode answer;
      try {
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
        if (body.length > MAX_BODY_BYTES) {
          throw new ErrorAnswer(413, "The request is larger than " + MAX_BODY_BYTES + " bytes");
        }
        if (suspended) {
          throw new ErrorAnswer(503, "This registry is suspended");
        }
        synchronized (lock) {
          answer = route(exchange, body);
        }
      } catch (ErrorAnswer e) {
        status = e.status();
        answer =
            JSON.createObjectNode().put("error_code", e.errorCode).put("message", e.getMessage());
      }
      byte[] bytes = JSON.writeValueAsBytes(answer);
      exchange.getResponseHeaders().set("Content-Type", MEDIA_TYPE);
      exchange.sendResponseHeaders(status, bytes.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(bytes);
      }
    }
  }

  private JsonNode route(HttpExchange exchange, byte[] body) throws ErrorAnswer {
    String[] path = exchange.getRequestURI().getRawPath().substring(1).split("/", -1);
    for (int i = 0; i < path.length; i++) {
      path[i] = URLDecoder.decode(path[i].replace("+", "%2B"), StandardCharsets.UTF_8);
    }
    return switch (exchange.getRequestMethod() + " /" + shape(path)) {
      case "GET /" -> JSON.createObjectNode();
      case "GET /config" -> JSON.createObjectNode().put("compatibilityLevel", "BACKWARD");
      case "GET /schemas/ids/*" -> schema(path[2]).describedIn(JSON.createObjectNode());
      case "GET /subjects" -> JSON.valueToTree(subjects.keySet());
      case "POST /subjects/*" -> find(path[1], parse(body));
      case "POST /subjects/*/versions" ->
          JSON.createObjectNode().put("id", register(path[1], parse(body)));
      case "GET /subjects/*/versions" ->
          JSON.valueToTree(IntStream.rangeClosed(1, versions(path[1]).size()).toArray());
      case "GET /subjects/*/versions/*" -> describe(path[1], version(path[1], path[3]));
      default -> throw new ErrorAnswer(404, "HTTP 404 Not Found");
    };
  }

  /** The path with a star for each segment that is a name or a number. */
  private static String shape(String[] path) {
    String[] shape = path.clone();
    int firstVariable = path[0].equals("schemas") ? 2 : 1;
    for (int i = firstVariable; i < shape.length; i += 2) {
      shape[i] = "*";
    }
    return String.join("/", shape);
  }

  private Registered parse(byte[] body) throws ErrorAnswer {
    try {
      JsonNode request = JSON.readTree(body);
      if (!request.path("schemaType").asText("AVRO").equals("AVRO")) {
        throw new ErrorAnswer(422, "This registry takes Avro schemas only");
      }
      ArrayNode references = JSON.createArrayNode();
      request.path("references").forEach(references::add);
      Schema.Parser parser = new Schema.Parser();
      define(references, parser);
      String text = request.path("schema").asText();
      Schema schema = parser.parse(text);
      return new Registered(references.isEmpty() ? schema.toString() : text, references, schema);
    } catch (JsonProcessingException e) {
      throw new ErrorAnswer(400, "The request isn't JSON");
    } catch (IOException | AvroRuntimeException e) {
      throw new ErrorAnswer(42201, "Invalid schema: " + e.getMessage());
    }
  }

  /** Tells the parser the types of registered schemas, and of those that they refer to. */
  private void define(JsonNode references, Schema.Parser parser) throws ErrorAnswer {
    for (JsonNode reference : references) {
      String subject = reference.path("subject").asText();
      String version = reference.path("version").asText();
      List<Integer> ids = subjects.getOrDefault(subject, List.of());
      if (number(version) < 1 || number(version) > ids.size()) {
        throw new ErrorAnswer(
            42201, "Invalid schema: there is no version " + version + " of subject " + subject);
      }
      Registered referenced = schemas.get(ids.get(number(version) - 1) - 1);
      define(referenced.references(), parser);
      parser.parse(referenced.text());
    }
  }

  private int register(String subject, Registered schema) throws ErrorAnswer {
    List<Integer> versions = subjects.getOrDefault(subject, List.of());
    int id = idOf(schema);
    if (versions.contains(id)) {
      return id;
    }
    if (!versions.isEmpty()) {
      Registered latest = schemas.get(versions.get(versions.size() - 1) - 1);
      SchemaCompatibility.SchemaPairCompatibility pair =
          SchemaCompatibility.checkReaderWriterCompatibility(schema.schema(), latest.schema());
      if (pair.getType() != SchemaCompatibilityType.COMPATIBLE) {
        throw new ErrorAnswer(
            409,
            "Schema being registered is incompatible with an earlier schema for subject \""
                + subject
                + "\": "
                + pair.getResult().getIncompatibilities());
      }
    }
    if (id == 0) {
      schemas.add(schema);
      id = schemas.size();
    }
    subjects.computeIfAbsent(subject, unknown -> new ArrayList<>()).add(id);
    return id;
  }

  /** The id of a schema, documentation included, or 0. */
  private int idOf(Registered schema) {
    for (int i = 0; i < schemas.size(); i++) {
      if (schemas.get(i).isWrittenLike(schema)) {
        return i + 1;
      }
    }
    return 0;
  }

  private ObjectNode find(String subject, Registered schema) throws ErrorAnswer {
    int version = versions(subject).indexOf(idOf(schema)) + 1;
    if (version == 0) {
      throw new ErrorAnswer(40403, "Schema not found");
    }
    return describe(subject, version);
  }

  private ObjectNode describe(String subject, int version) throws ErrorAnswer {
    int id = versions(subject).get(version - 1);
    return schemas
        .get(id - 1)
        .describedIn(
            JSON.createObjectNode().put("subject", subject).put("version", version).put("id", id));
  }

  private List<Integer> versions(String subject) throws ErrorAnswer {
    List<Integer> versions = subjects.get(subject);
    if (versions == null) {
      throw new ErrorAnswer(40401, "Subject '" + subject + "' not found.");
    }
    return versions;
  }

  private int version(String subject, String text) throws ErrorAnswer {
    int latest = versions(subject).size();
    int version = text.equals("latest") ? latest : number(text);
    if (version < 1 || version > latest) {
      throw new ErrorAnswer(40402, "Version " + text + " not found.");
    }
    return version;
  }

  private Registered schema(String text) throws ErrorAnswer {
    int id = number(text);
    if (id < 1 || id > schemas.size()) {
      throw new ErrorAnswer(40403, "Schema " + text + " not found");
    }
    return schemas.get(id - 1);
  }

  /** The number, or 0 if it is none. */
  private static int number(String text) {
    return text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 0;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
