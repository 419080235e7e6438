package io.atrous.event;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/** The schemas of the events, as everyone who isn't Java sees them. */
public final class EventSchemas {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The types that are records of a topic. */
  public static final List<Class<? extends SpecificRecord>> EVENT_TYPES =
      List.of(FrameEvent.class, MaskEvent.class, RegionEvent.class, DeadLetterEvent.class);

  private EventSchemas() {}

  /**
   * The schema of a generated class without the properties that only Java's generator reads: with
   * them the registry would give the same schema a second id.
   */
  public static Schema of(Class<? extends SpecificRecord> type) {
    try {
      JsonNode schema = JSON.readTree(SpecificData.get().getSchema(type).toString());
      removeJavaProperties(schema);
      return new Schema.Parser().parse(schema.toString());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Avro wrote a schema that isn't JSON", e);
    }
  }

  private static void removeJavaProperties(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.remove(GenericData.STRING_PROP);
    }
    node.forEach(EventSchemas::removeJavaProperties);
  }

  /**
   * Parses a schema that others wrote, and so perhaps not as strictly as Avro for Java would.
   *
   * @param references schemas whose types it may name, as may they among themselves
   * @throws InvalidEventException if that is no Avro schema
   */
  static Schema parseUntrusted(String text, List<String> references) {
    Schema.Parser parser =
        new Schema.Parser(NameValidator.NO_VALIDATION).setValidateDefaults(false);
    try {
      references.forEach(parser::parseInternal);
      return parser.parse(text);
    } catch (RuntimeException | StackOverflowError e) {
      // Avro's own words for bad schemas include NullPointerException.
      throw new InvalidEventException(
          "Its schema in the registry can't be understood (" + e.getMessage() + ")", e);
    }
  }
}
