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

  /** Not every registry knows this; {@link ReferencedSchemas} are for those that don't. */
  private static final String RESOLVED = "?format=resolved";

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
    return post("/subjects/" + encode(subject) + "/versions" + normalize, schema).id();
  }

  /** The id of a schema that is registered under a subject. */
  public int idOf(String subject, Schema schema) {
    return post("/subjects/" + encode(subject) + normalize, schema).id();
  }

  /** The latest version registered under a subject. */
  public RegisteredSchema latestVersion(String subject) {
    long endNanos = transport.endNanos(START_DEADLINE);
    RegistryAnswer answer =
        get("/subjects/" + encode(subject) + "/versions/latest" + RESOLVED, endNanos);
    try {
      return new RegisteredSchema(answer.id(), answer.version(), schema(answer, endNanos));
    } catch (InvalidEventException e) {
      throw answer.malformed(e);
    }
  }

  /** All subjects. */
  public List<String> subjects() {
    List<String> subjects = new ArrayList<>();
    get("/subjects", transport.endNanos(START_DEADLINE))
        .document()
        .forEach(subject -> subjects.add(subject.asText()));
    return subjects;
  }

  /**
   * The schema of an id, with the types that it takes from other schemas.
   *
   * @throws InvalidEventException if the registry says that there is no Avro schema of that id, or
   *     that one it refers to is missing: the record that names it is bad
   */
  public Schema schemaById(int id) {
    long endNanos = transport.endNanos(requestDeadline);
    return schema(known("/schemas/ids/" + id + RESOLVED, "schema id " + id, endNanos), endNanos);
  }

  private RegistryAnswer get(String path, long endNanos) {
    return new RegistryAnswer(path, transport.get(path, endNanos));
  }

  private RegistryAnswer post(String path, Schema schema) {
    JsonNode document = JSON.createObjectNode().put("schema", schema.toString());
    return new RegistryAnswer(
        path, transport.post(path, document, transport.endNanos(START_DEADLINE)));
  }

  /** Asks for what a record says that the registry knows. */
  private RegistryAnswer known(String path, String what, long endNanos) {
    try {
      return get(path, endNanos);
    } catch (SchemaRegistryException e) {
      // A 404 without one of these codes is a wrong URL, and no reason to condemn records.
      throw switch (e.errorCode()) {
        case SchemaRegistryException.SUBJECT_NOT_FOUND,
            SchemaRegistryException.VERSION_NOT_FOUND,
            SchemaRegistryException.SCHEMA_NOT_FOUND ->
            new InvalidEventException("The schema registry doesn't know " + what, e);
        default -> e;
      };
    }
  }

  private Schema schema(RegistryAnswer answer, long endNanos) {
    try {
      // A registry that resolves references names them nevertheless.
      return EventSchemas.parseUntrusted(answer.text(), List.of());
    } catch (InvalidEventException e) {
      if (answer.references().isEmpty()) {
        throw e;
      }
    }
    return EventSchemas.parseUntrusted(
        answer.text(),
        ReferencedSchemas.of(
            answer,
            reference ->
                known(
                    // As Confluent's client: what is referred to may have been deleted since.
                    "/subjects/%s/versions/%s?deleted=true"
                        .formatted(encode(reference.subject()), reference.versionName()),
                    "version %s of subject %s, which the record's schema refers to"
                        .formatted(reference.versionName(), reference.subject()),
                    endNanos)));
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
