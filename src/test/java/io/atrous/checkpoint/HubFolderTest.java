package io.atrous.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.checkpoint.torch.TorchFiles;
import io.atrous.model.ModelFileException;
import io.atrous.model.Safetensors.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HubFolderTest {

  private static final String CONFIGURATION =
      """
      {
        "_model_class": "DeepLabV3Plus",
        "activation": null,
        "aux_params": null,
        "classes": 5,
        "decoder_aspp_dropout": 0.5,
        "decoder_aspp_separable": true,
        "decoder_atrous_rates": [6, 12, 18],
        "decoder_channels": 32,
        "encoder_depth": 5,
        "encoder_name": "resnet50",
        "encoder_output_stride": 8,
        "encoder_weights": null,
        "in_channels": 3,
        "upsampling": 4
      }
      """;

  @TempDir Path folder;

  private Map<String, Tensor> weights = Map.of();

  @BeforeEach
  void readWeights() throws IOException {
    weights = FamilyFixture.read("smp-resnet50").stateDict();
  }

  @Test
  void aFolderSaysStrideAndRates() throws IOException {
    write("model.safetensors", weights);
    Files.writeString(folder.resolve("config.json"), CONFIGURATION);

    for (Path named : List.of(folder, folder.resolve("model.safetensors"))) {
      CheckpointImport plan = plan(named, ImportOptions.DEFAULT);
      assertThat(plan.network().outputStride()).isEqualTo(8);
      assertThat(plan.network().aspp().rates()).containsExactly(1, 6, 12, 18);
      assertThat(plan.configurationFile()).contains(folder.resolve("config.json"));
    }
  }

  @Test
  void whatTheUserSaysIsTaken() throws IOException {
    write("model.safetensors", weights);
    Files.writeString(folder.resolve("config.json"), CONFIGURATION);

    CheckpointImport plan =
        plan(folder, new ImportOptions(16, List.of(2, 3, 4), false, null, 1, null));

    assertThat(plan.network().outputStride()).isEqualTo(16);
    assertThat(plan.network().aspp().rates()).containsExactly(1, 2, 3, 4);
  }

  @Test
  void aFolderMayHavePicklesOrSayNothing() throws IOException {
    Files.write(folder.resolve("pytorch_model.bin"), TorchFiles.zip(weights));

    CheckpointImport plan = plan(folder, ImportOptions.DEFAULT);

    assertThat(plan.network().outputStride()).isEqualTo(16);
    assertThat(plan.configurationFile()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"_model_class\": \"DeepLabV3Plus\" | \"_model_class\": \"Unet\" | _model_class is \"Unet\"",
        "\"encoder_depth\": 5 | \"encoder_depth\": 4 | encoder_depth is 4",
        "\"encoder_output_stride\": 8 | \"encoder_output_stride\": 32 | encoder_output_stride is 32",
        "\"upsampling\": 4 | \"upsampling\": 1 | upsampling is 1",
        "[6, 12, 18] | [6, 12] | decoder_atrous_rates is [6,12]",
      })
  void anotherNetworkIsRefused(String entry, String other, String why) throws IOException {
    write("model.safetensors", weights);
    Files.writeString(folder.resolve("config.json"), CONFIGURATION.replace(entry, other));

    assertRefused(
        folder,
        folder.resolve("config.json") + " describes a network that can't be imported: " + why);
  }

  @Test
  void shardsAreFoundByTheirIndex() throws IOException {
    writeShards();

    for (Path named : List.of(folder, folder.resolve("model.safetensors.index.json"))) {
      try (Checkpoint checkpoint = Checkpoint.open(named)) {
        assertThat(checkpoint.names()).containsExactlyElementsOf(new TreeMap<>(weights).keySet());
        assertThat(plan(named, ImportOptions.DEFAULT).fresh()).isZero();
      }
    }
  }

  @Test
  void aShardIsNotTheWhole() throws IOException {
    writeShards();
    Path shard = folder.resolve("model-00001-of-00002.safetensors");

    assertRefused(
        shard,
        "Model file "
            + shard
            + " is one of 2 shards; name their folder, which has model.safetensors.index.json in it");
    Files.delete(shard);
    assertRefused(
        folder,
        "Index "
            + folder.resolve("model.safetensors.index.json")
            + " lists the shard model-00001-of-00002.safetensors, which is missing");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | lists no shards",
        "{\"weight_map\": {\"w\": \"../w.safetensors\"}} | lists a shard that is no safetensors file beside it",
        "{\"weight_map\": {\"w\": \"w.bin\"}} | lists a shard that is no safetensors file beside it",
        "{\"weight_map\": {\"w\": \"\\ud800.safetensors\"}} | lists a shard that is no safetensors file beside it",
        "{\"weight_map\": {\"w\": 3}} | lists a shard that is no safetensors file beside it",
        "{ | is not JSON",
      })
  void anIndexThatLeadsElsewhereIsRefused(String json, String why) throws IOException {
    Files.writeString(folder.resolve("model.safetensors.index.json"), json);

    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(ModelFileException.class)
        .hasMessageEndingWith(why.strip().equals("lists no shards") ? why + ", or too many" : why);
  }

  private void writeShards() throws IOException {
    Map<String, Tensor> first = new TreeMap<>();
    Map<String, Tensor> second = new TreeMap<>();
    StringBuilder map = new StringBuilder();
    weights.forEach(
        (name, tensor) -> {
          boolean isFirst = name.startsWith("encoder.layer");
          (isFirst ? first : second).put(name, tensor);
          map.append(map.isEmpty() ? "" : ",")
              .append(
                  "\"%s\":\"model-0000%d-of-00002.safetensors\"".formatted(name, isFirst ? 1 : 2));
        });
    write("model-00001-of-00002.safetensors", first);
    write("model-00002-of-00002.safetensors", second);
    Files.writeString(
        folder.resolve("model.safetensors.index.json"),
        "{\"metadata\": {\"total_size\": 1}, \"weight_map\": {" + map + "}}");
  }

  private void write(String name, Map<String, Tensor> tensors) throws IOException {
    Files.write(folder.resolve(name), TorchFiles.safetensors(tensors));
  }

  private static CheckpointImport plan(Path path, ImportOptions options) {
    try (Checkpoint checkpoint = Checkpoint.open(path)) {
      return CheckpointImport.of(checkpoint, options);
    }
  }

  private static void assertRefused(Path path, String why) {
    assertThatThrownBy(() -> Checkpoint.open(path))
        .isInstanceOf(ModelFileException.class)
        .hasMessage(why);
  }
}
