package io.atrous.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.model.ForeignFile;
import io.atrous.model.ModelFileException;
import io.atrous.model.Safetensors;
import io.atrous.model.TensorName;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A folder as {@code save_pretrained} of Hugging Face's libraries writes it: weights in one file or
 * in shards with an index, and {@code config.json}, which says how the network was made.
 */
final class HubFolder {

  private static final String WEIGHTS = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final String TORCH_WEIGHTS = "pytorch_model.bin";
  private static final String CONFIGURATION = "config.json";

  private static final Pattern SHARD = Pattern.compile(".*-\\d{5}-of-(\\d{5})\\.safetensors");

  private static final int MAX_JSON_BYTES = 16 << 20;
  private static final int MAX_SHARDS = 1000;

  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(64).build())
              .build());

  private HubFolder() {}

  /**
   * Returns the file of a folder in which its weights are, or which lists their files.
   *
   * @throws ModelFileException if there is none
   */
  static Path weights(Path folder) {
    for (String name : List.of(WEIGHTS, INDEX, TORCH_WEIGHTS)) {
      Path file = folder.resolve(name);
      if (Files.exists(file)) {
        return file;
      }
    }
    throw new ModelFileException(
        "Directory %s has no %s, %s or %s, as save_pretrained writes them; name the checkpoint in it"
            .formatted(folder, WEIGHTS, INDEX, TORCH_WEIGHTS));
  }

  /** Returns whether a file is the index of shards. */
  static boolean isIndex(Path file) {
    return String.valueOf(file.getFileName()).endsWith(".safetensors.index.json");
  }

  /**
   * Opens the shards that an index lists.
   *
   * @throws ModelFileException if one is missing, lacks a tensor, or lies elsewhere
   */
  static List<Safetensors> shards(Path index) {
    JsonNode map = read(index).path("weight_map");
    Map<String, Set<String>> tensors = new TreeMap<>();
    map.properties()
        .forEach(
            entry ->
                tensors
                    .computeIfAbsent(entry.getValue().asText(), file -> new TreeSet<>())
                    .add(entry.getKey()));
    if (tensors.isEmpty() || tensors.size() > MAX_SHARDS) {
      throw new ModelFileException("Index " + index + " lists no shards, or too many");
    }
    List<Safetensors> shards = new ArrayList<>();
    tensors.forEach(
        (name, expected) -> {
          Path file = beside(index, name);
          if (!Files.exists(file)) {
            throw new ModelFileException(
                "Index " + index + " lists the shard " + name + ", which is missing");
          }
          Safetensors shard = Safetensors.open(file);
          expected.removeAll(Set.copyOf(shard.names()));
          if (!expected.isEmpty()) {
            throw new ModelFileException(
                "Shard " + file + " lacks tensors that " + INDEX + " says it has");
          }
          shards.add(shard);
        });
    return shards;
  }

  /**
   * Returns a shard's file.
   *
   * @param name the name that an index gives, which may be anything
   */
  private static Path beside(Path index, String name) {
    ModelFileException elsewhere =
        new ModelFileException(
            "Index " + index + " lists a shard that is no safetensors file beside it");
    if (!TensorName.isUsable(name) || !name.matches("[^/\\\\]*\\.safetensors")) {
      throw elsewhere;
    }
    try {
      return index.resolveSibling(name);
    } catch (InvalidPathException e) {
      throw elsewhere;
    }
  }

  /**
   * Refuses a shard without the others.
   *
   * @throws ModelFileException if a file's name says that it is one
   */
  static void requireWhole(Path file) {
    Matcher shard = SHARD.matcher(String.valueOf(file.getFileName()));
    if (shard.matches() && Integer.parseInt(shard.group(1)) > 1) {
      throw new ModelFileException(
          "Model file %s is one of %d shards; name their folder, which has %s in it"
              .formatted(file, Integer.parseInt(shard.group(1)), INDEX));
    }
  }

  /**
   * Reads what stands beside a file of weights.
   *
   * @return what segmentation_models.pytorch says of the network, or null if it says nothing there
   * @throws ModelFileException if it is another network than can be imported
   */
  static @Nullable SmpConfiguration configuration(Path weights) {
    Path file = weights.resolveSibling(CONFIGURATION);
    String name = String.valueOf(weights.getFileName());
    if (!List.of(WEIGHTS, INDEX, TORCH_WEIGHTS).contains(name) || !Files.exists(file)) {
      return null;
    }
    JsonNode json = read(file);
    return json.has("encoder_name") ? SmpConfiguration.of(file, json) : null;
  }

  private static JsonNode read(Path file) {
    ForeignFile.requireRegular(file);
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_JSON_BYTES + 1);
      if (bytes.length > MAX_JSON_BYTES) {
        throw new ModelFileException("File " + file + " is larger than any of its kind");
      }
      return JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw new ModelFileException("File " + file + " is not JSON", e);
    } catch (IOException e) {
      throw new ModelFileException("Cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
