package io.atrous.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The part of Confluent's schema registry API that reading and writing events needs. It remembers
 * nothing but which URL answered: what is known about a schema is cached by who uses it.
 *
 * <p><b>Threading:</b> thread-safe; each method blocks: {@link #schemaById}, which a service calls
 * while it serves, for at most {@link SchemaRegistryConfig#requestDeadline}, the others, which
 * belong to its start, for at most {@link #START_DEADLINE}. All end early when closed, and throw
 * {@link SchemaRegistryException}.
 */
public final class SchemaRegistryClient implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** A schema as it is registered under a subject. */
  public record RegisteredSchema(int id, int version, Schema schema) {}

  /** The deadline of requests before the first event is written; no frame waits for them. */
  static final Duration START_DEADLINE = Duration.ofSeconds(15);

  private final RegistryTransport transport;
  private final Duration requestDeadline;
  private final String normalize;

  public SchemaRegistryClient(SchemaRegistryConfig config) {
    this(config, null, System::nanoTime);
  }

  SchemaRegistryClient(
      SchemaRegistryConfig config,
      RegistryTransport.@Nullable Waiter waiter,
      LongSupplier nanoTime) {
    this.transport = new RegistryTransport(config, waiter, nanoTime);
    this.requestDeadline = config.requestDeadline();
    this.normalize =
        config.getBoolean(SchemaRegistryConfig.NORMALIZE_SCHEMAS) ? "?normalize=true" : "";
  }

  /** Registers a schema under a subject unless it is there already, and returns its id. */
  public int register(String subject, Schema schema) {
    String path = "/subjects/" + encode(subject) + "/versions" + normalize;
    return id(transport.post(path, document(schema), START_DEADLINE), path);
  }

  /** The id of a schema that is registered under a subject. */
  public int idOf(String subject, Schema schema) {
    String path = "/subjects/" + encode(subject) + normalize;
    return id(transport.post(path, document(schema), START_DEADLINE), path);
  }

  /** The latest version registered under a subject. */
  public RegisteredSchema latestVersion(String subject) {
    String path = "/subjects/" + encode(subject) + "/versions/latest?format=resolved";
    JsonNode answer = transport.get(path, START_DEADLINE);
    try {
      return new RegisteredSchema(
          id(answer, path), answer.path("version").asInt(), schema(answer, path));
    } catch (InvalidEventException e) {
      throw malformed(path, e);
    }
  }

  /** All subjects. */
  public List<String> subjects() {
    List<String> subjects = new ArrayList<>();
    transport.get("/subjects", START_DEADLINE).forEach(subject -> subjects.add(subject.asText()));
    return subjects;
  }

  /**
   * The schema of an id.
   *
   * @throws InvalidEventException if the registry says that there is no Avro schema of that id: the
   *     record that names it is bad
   */
  public Schema schemaById(int id) {
    String path = "/schemas/ids/" + id + "?format=resolved";
    JsonNode answer;
    try {
      answer = transport.get(path, requestDeadline);
    } catch (SchemaRegistryException e) {
      // A 404 without this code is a wrong URL, and no reason to condemn records.
      if (e.errorCode() == SchemaRegistryException.SCHEMA_NOT_FOUND) {
        throw new InvalidEventException("The schema registry doesn't know schema id " + id, e);
      }
      throw e;
    }
    return schema(answer, path);
  }

  private static JsonNode document(Schema schema) {
    return JSON.createObjectNode().put("schema", schema.toString());
  }

  private static int id(JsonNode answer, String path) {
    JsonNode id = answer.path("id");
    if (!id.isInt()) {
      throw malformed(path, null);
    }
    return id.intValue();
  }

  private static Schema schema(JsonNode answer, String path) {
    String type = answer.path("schemaType").asText("AVRO");
    if (!type.equals("AVRO")) {
      throw new InvalidEventException("It is written with a schema of type " + type + ", not Avro");
    }
    JsonNode text = answer.path("schema");
    if (!text.isTextual()) {
      throw malformed(path, null);
    }
    try {
      return EventSchemas.parseUntrusted(text.textValue());
    } catch (RuntimeException | StackOverflowError e) {
      // Avro's own words for bad schemas include NullPointerException.
      throw new InvalidEventException(
          "Its schema in the registry can't be understood (" + e.getMessage() + ")", e);
    }
  }

  private static SchemaRegistryException malformed(String path, @Nullable Throwable cause) {
    return new SchemaRegistryException(
        "The schema registry's answer to "
            + path
            + " holds no usable schema or id; check whether "
            + SchemaRegistryConfig.URL
            + " is really the registry's API.",
        false,
        0,
        cause);
  }

  private static String encode(String pathSegment) {
    return URLEncoder.encode(pathSegment, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** Ends waiting; requests that are under way are answered or time out. */
  @Override
  public void close() {
    transport.close();
  }
}
