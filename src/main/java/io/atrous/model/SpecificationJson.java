package io.atrous.model;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.atrous.model.NetworkSpec.DecoderSpec;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The JSON in which models are specified: in a model file's header, beside a TorchScript file.
 *
 * <p>Unknown or missing values are refused rather than guessed: a wrong number gives wrong masks.
 */
final class SpecificationJson {

  /** Raised when a reader of this version could misunderstand what a writer says. */
  static final int FORMAT_VERSION = 1;

  /** Matches advice on Jackson's settings, which does not help the reader. */
  private static final Pattern JACKSON_ADVICE = Pattern.compile(" \\((index|but) .*");

  private static final ObjectMapper JSON = mapper();

  private SpecificationJson() {}

  static String write(Object document) throws JsonProcessingException {
    return JSON.writeValueAsString(document);
  }

  /**
   * Reads a document that says its {@code formatVersion}.
   *
   * @param where the document's name in messages, as the beginning of a sentence
   * @throws ModelFileException if it is not sound
   */
  static <T> T read(String where, String json, Class<T> type) {
    try {
      JsonNode version = JSON.readTree(json).path("formatVersion");
      if (version.isInt() && version.intValue() != FORMAT_VERSION) {
        throw new ModelFileException(
            where
                + " has format version "
                + version
                + "; this release reads version "
                + FORMAT_VERSION);
      }
      T document = JSON.readValue(json, type);
      if (document == null) {
        throw new ModelFileException(where + " has an unusable specification: it is null");
      }
      return document;
    } catch (JsonProcessingException e) {
      throw new ModelFileException(where + " has an unusable specification: " + reason(e), e);
    }
  }

  private static ObjectMapper mapper() {
    ObjectMapper mapper =
        JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .defaultSetterInfo(JsonSetter.Value.forValueNulls(Nulls.FAIL, Nulls.FAIL))
            .build();
    mapper
        .configOverride(DecoderSpec.class)
        .setSetterInfo(JsonSetter.Value.forValueNulls(Nulls.SET, Nulls.SET));
    return mapper;
  }

  /** Where in the document, and what is wrong there. */
  private static String reason(JsonProcessingException e) {
    Throwable cause = e.getCause();
    String what =
        cause instanceof IllegalArgumentException && cause.getMessage() != null
            ? cause.getMessage()
            : JACKSON_ADVICE
                .matcher(e.getOriginalMessage().lines().findFirst().orElse(""))
                .replaceFirst("");
    if (!(e instanceof JsonMappingException mapping) || mapping.getPath().isEmpty()) {
      return what;
    }
    String where =
        mapping.getPath().stream()
            .map(
                step ->
                    step.getIndex() >= 0 ? "[" + step.getIndex() + "]" : "." + step.getFieldName())
            .collect(Collectors.joining())
            .substring(1);
    return what + " (at " + where + ")";
  }
}
