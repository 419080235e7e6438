package io.atrous.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.atrous.model.TextFile;
import io.atrous.model.TextFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code labels.json} says: a class for each label, or null for one that is to be ignored. A
 * label is a number, a colour {@code #RRGGBB} or a name that the data set has for it.
 *
 * @param name the file's name in messages
 * @param classes the class of each label, in the file's order; empty for "ignore"
 */
record LabelsFile(String name, Map<String, Optional<String>> classes) {

  /** The name of such a file in a data set's folder. */
  static final String NAME = "labels.json";

  private static final int MAX_BYTES = 1 << 20;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /**
   * Reads such a file.
   *
   * @throws DatasetException if it is missing or maps nothing
   */
  static LabelsFile read(Path file) {
    JsonNode document;
    try {
      document = JSON.readTree(TextFile.read(file, MAX_BYTES));
    } catch (TextFileException e) {
      throw new DatasetException("Cannot read the labels in " + file + ": " + e.getMessage(), e);
    } catch (JsonProcessingException e) {
      String reason = e.getOriginalMessage().lines().findFirst().orElse("");
      throw new DatasetException("File " + file + " is no JSON: " + reason, e);
    }
    if (!document.isObject() || document.isEmpty()) {
      throw new DatasetException(
          "File "
              + file
              + " maps no labels: it is an object such as {\"0\": \"road\", \"1\": null}");
    }
    Map<String, Optional<String>> classes = new LinkedHashMap<>();
    document
        .properties()
        .forEach(
            entry -> {
              JsonNode value = entry.getValue();
              if (!value.isTextual() && !value.isNull()) {
                throw new DatasetException(
                    "File %s maps label %s to %s, which is neither a class's name nor null"
                        .formatted(file, entry.getKey(), value));
              }
              classes.put(
                  entry.getKey(), value.isNull() ? Optional.empty() : Optional.of(value.asText()));
            });
    return new LabelsFile(file.toString(), classes);
  }
}
