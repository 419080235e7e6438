package io.atrous.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.checkpoint.torch.TorchFiles;
import io.atrous.fuzz.FuzzTarget;
import io.atrous.fuzz.Fuzzing;
import io.atrous.model.ModelFileException;
import io.atrous.model.Safetensors.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Folders of save_pretrained whose JSON is damaged are read or refused in one sentence. */
final class HubFolderFuzz {

  private static final String[] JSON = {
    "{", "}", "[", "]", ",", ":", "\"", "null", "1e999", "\\u000a", "\\ud800"
  };

  private HubFolderFuzz() {}

  /** A folder whose weights are sound. */
  private abstract static class Folders implements FuzzTarget {

    private final String file;
    private @Nullable Path folder;

    /**
     * @param file the name of the file that an input is
     */
    Folders(String file) {
      this.file = file;
    }

    /** Returns the files of weights by name. */
    abstract Map<String, Map<String, Tensor>> weights() throws IOException;

    /** Looks at a folder that is not refused. */
    abstract void look(Checkpoint checkpoint);

    private Path withWeights() throws IOException {
      Path made = Files.createDirectories(Fuzzing.file(name()));
      for (Map.Entry<String, Map<String, Tensor>> written : weights().entrySet()) {
        Files.write(made.resolve(written.getKey()), TorchFiles.safetensors(written.getValue()));
      }
      return made;
    }

    /** The first input brings the weights with it. */
    @Override
    public long maxAllocatedBytes() {
      return 64 << 20;
    }

    @Override
    public boolean reads(byte[] json) throws IOException {
      if (folder == null) {
        folder = withWeights();
      }
      Files.write(folder.resolve(file), json);
      try (Checkpoint checkpoint = Checkpoint.open(folder)) {
        look(checkpoint);
        return true;
      } catch (ModelFileException refused) {
        assertThat(refused.getMessage()).doesNotContain("\n").hasSizeLessThan(1000);
        return false;
      }
    }
  }

  private static List<byte[]> bytes(String... texts) {
    return Stream.of(texts).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }

  /** What JSON is made of, and some more words. */
  private static List<byte[]> json(String... more) {
    return Stream.concat(bytes(JSON).stream(), bytes(more).stream()).toList();
  }

  /** Indices of two shards. */
  public static final class ShardIndices extends Folders {

    private static final String FIRST = "model-00001-of-00002.safetensors";
    private static final String SECOND = "model-00002-of-00002.safetensors";

    public ShardIndices() {
      super("model.safetensors.index.json");
    }

    @Override
    Map<String, Map<String, Tensor>> weights() {
      Tensor one = new Tensor(List.of(1), new float[] {1});
      return Map.of(FIRST, Map.of("a", one), SECOND, Map.of("b", one));
    }

    @Override
    public String name() {
      return "shard-indices";
    }

    @Override
    public List<byte[]> seeds() {
      return bytes(
          """
          {"metadata": {"total_size": 8},
           "weight_map": {"a": "%s", "b": "%s"}}
          """
              .formatted(FIRST, SECOND),
          "{\"weight_map\": {\"b\": \"%s\"}}".formatted(SECOND));
    }

    @Override
    public List<byte[]> words() {
      return json(
          "\"a\":",
          "\"weight_map\":",
          "..",
          "../",
          "/",
          "\\\\",
          ".",
          "\\u0000",
          "\"" + FIRST + "\"",
          "\"shard-indices.safetensors\"",
          "\"model.safetensors.index.json\"",
          "ä",
          "\uFEFF");
    }

    @Override
    void look(Checkpoint checkpoint) {
      assertThat(checkpoint.names()).isSubsetOf("a", "b").isNotEmpty();
      for (String name : checkpoint.names()) {
        assertThat(checkpoint.values(name)).hasSize(1);
      }
    }
  }

  /** Configurations of segmentation_models.pytorch. */
  public static final class Configurations extends Folders {

    public Configurations() {
      super("config.json");
    }

    @Override
    Map<String, Map<String, Tensor>> weights() throws IOException {
      return Map.of("model.safetensors", FamilyFixture.read("smp-resnet50").stateDict());
    }

    @Override
    public String name() {
      return "hub-configurations";
    }

    @Override
    public List<byte[]> seeds() {
      return bytes(
          """
          {"_model_class": "DeepLabV3Plus", "activation": null, "classes": 5,
           "decoder_aspp_separable": true, "decoder_atrous_rates": [6, 12, 18],
           "encoder_depth": 5, "encoder_name": "resnet50", "encoder_output_stride": 8,
           "in_channels": 3, "upsampling": 4}
          """,
          "{\"encoder_name\": \"resnet50\", \"decoder_atrous_rates\": [2, 4, 16384]}",
          "{\"architectures\": [\"Another\"], \"model_type\": \"another\"}");
    }

    @Override
    public List<byte[]> words() {
      return json(
          "true",
          "-1",
          "0",
          "1",
          "16",
          "16385",
          "2147483647",
          "2147483648",
          "0.5",
          "NaN",
          "\"_model_class\":",
          "\"DeepLabV3\"",
          "\"encoder_depth\":",
          "\"encoder_name\":",
          "\"encoder_output_stride\":",
          "\"upsampling\":",
          "\"decoder_atrous_rates\":",
          "[[[[[[[[[[[[[[[[",
          "x".repeat(2_000));
    }

    @Override
    void look(Checkpoint checkpoint) {
      CheckpointImport plan = CheckpointImport.of(checkpoint, ImportOptions.DEFAULT);
      assertThat(plan.network().outputStride()).isIn(8, 16);
      assertThat(plan.network().aspp().rates()).hasSize(4).allMatch(rate -> rate >= 1);
    }

    /** Each opens the weights and plans an import. */
    @Override
    public int casesPerBuild() {
      return 500;
    }
  }
}
