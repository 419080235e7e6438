package io.atrous.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.model.ModelFileException;
import io.atrous.model.Safetensors;
import io.atrous.model.Safetensors.Tensor;
import io.atrous.model.StorageType;
import io.atrous.model.WholeFile;
import io.atrous.training.Trainer.Position;
import io.atrous.training.TrainingCheckpoint.Best;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the last checkpoint of a training: numbers in a safetensors file, each tensor in one
 * dimension under {@code network/NAME} or {@code optimizer/NAME}, and the rest in a JSON file that
 * names it. The JSON file is written last and replaced at once, so at any time there is a whole
 * checkpoint, or none yet.
 *
 * <p><b>Threading:</b> confined to one thread and one process.
 */
final class CheckpointFolder {

  private static final String JSON_NAME = "checkpoint.json";
  private static final String TENSORS_NAME = "checkpoint-%d.safetensors";
  private static final String ALL_TENSORS = "checkpoint-*.safetensors";
  private static final String NETWORK = "network/";
  private static final String OPTIMIZER = "optimizer/";
  private static final int FORMAT_VERSION = 1;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The content of the JSON file. */
  private record Document(
      int formatVersion,
      int step,
      long elapsedNanos,
      @Nullable Best best,
      String tensors,
      String sha256,
      JsonNode setup) {}

  private final Path folder;

  CheckpointFolder(Path folder) {
    this.folder = folder;
  }

  /** Writes a checkpoint in place of the last one, which stays if that fails. */
  void write(TrainingCheckpoint checkpoint) throws IOException {
    Files.createDirectories(folder);
    int step = checkpoint.position().nextStep();
    Map<String, Tensor> tensors = new TreeMap<>();
    add(tensors, NETWORK, checkpoint.weights());
    add(tensors, OPTIMIZER, checkpoint.position().optimizer());
    String name = TENSORS_NAME.formatted(step);
    Path file = folder.resolve(name);
    WholeFile.write(file, out -> Safetensors.write(out, Map.of(), tensors, StorageType.F32));
    Document document =
        new Document(
            FORMAT_VERSION,
            step,
            checkpoint.elapsedNanos(),
            checkpoint.best(),
            name,
            Safetensors.open(file).sha256(),
            checkpoint.setup());
    WholeFile.write(
        folder.resolve(JSON_NAME),
        out -> out.write(JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(document)));
    removeTensors(name);
  }

  private static void add(Map<String, Tensor> tensors, String prefix, Map<String, float[]> values) {
    values.forEach(
        (name, numbers) ->
            tensors.put(prefix + name, new Tensor(List.of(numbers.length), numbers)));
  }

  /** Deletes the files of numbers but one. */
  private void removeTensors(String kept) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, ALL_TENSORS)) {
      for (Path file : files) {
        if (!file.endsWith(kept)) {
          Files.delete(file);
        }
      }
    }
  }

  /**
   * Returns the last checkpoint; empty if there is none.
   *
   * @throws ModelFileException if it is damaged
   */
  Optional<TrainingCheckpoint> read() {
    Path json = folder.resolve(JSON_NAME);
    if (!Files.exists(json)) {
      return Optional.empty();
    }
    try {
      Document document = JSON.readValue(Files.readString(json), Document.class);
      if (document.formatVersion() != FORMAT_VERSION) {
        throw new ModelFileException(
            "Checkpoint %s has format version %d; this release reads version %d"
                .formatted(json, document.formatVersion(), FORMAT_VERSION));
      }
      Safetensors tensors = Safetensors.open(folder.resolve(document.tensors()));
      if (!tensors.sha256().equals(document.sha256())) {
        throw new ModelFileException(
            "Checkpoint %s is damaged: %s is not the file that it was written with"
                .formatted(json, document.tensors()));
      }
      return Optional.of(
          new TrainingCheckpoint(
              document.setup(),
              document.elapsedNanos(),
              document.best(),
              values(tensors, NETWORK),
              new Position(document.step(), values(tensors, OPTIMIZER))));
    } catch (JsonProcessingException e) {
      throw new ModelFileException(
          "Checkpoint %s is damaged: %s".formatted(json, e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new ModelFileException("Cannot read the checkpoint %s: %s".formatted(json, e), e);
    }
  }

  private static Map<String, float[]> values(Safetensors tensors, String prefix) {
    Map<String, float[]> values = new HashMap<>();
    for (String name : tensors.names()) {
      if (name.startsWith(prefix)) {
        values.put(name.substring(prefix.length()), tensors.values(name));
      }
    }
    return values;
  }

  /** Deletes the checkpoint, once nothing is left to go on with. */
  void delete() throws IOException {
    if (Files.deleteIfExists(folder.resolve(JSON_NAME))) {
      removeTensors("");
    }
  }
}
