package io.atrous.event;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * A registry's answer about a schema.
 *
 * <p><b>Threading:</b> not modified.
 *
 * @param path what was asked for
 * @param document the answer
 */
record RegistryAnswer(String path, JsonNode document) {

  /** The schema's id. */
  int id() {
    JsonNode id = document.path("id");
    if (!id.isInt()) {
      throw malformed(null);
    }
    return id.intValue();
  }

  /** The schema's version under the subject that was asked for. */
  int version() {
    return document.path("version").asInt();
  }

  /** The subject that the schema is registered under, or an empty string if it isn't said. */
  String subject() {
    return document.path("subject").asText("");
  }

  /** The schemas that the schema refers to, or nothing. */
  JsonNode references() {
    return document.path("references");
  }

  /**
   * The schema as it was written.
   *
   * @throws InvalidEventException if it is no Avro schema by its type
   */
  String text() {
    String type = document.path("schemaType").asText("AVRO");
    if (!type.equals("AVRO")) {
      throw new InvalidEventException("It is written with a schema of type " + type + ", not Avro");
    }
    JsonNode text = document.path("schema");
    if (!text.isTextual()) {
      throw malformed(null);
    }
    return text.textValue();
  }

  /** Says that the answer isn't one that a registry gives. */
  SchemaRegistryException malformed(@Nullable Throwable cause) {
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
}
