package io.atrous.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.model.Model;
import io.atrous.model.ModelFile;
import io.atrous.model.NetworkSpec;
import io.atrous.model.TorchScriptFile;
import io.atrous.network.RandomModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCommandInfoTest {

  @TempDir private Path directory;

  @Test
  void saysWhatAModelIsAndWhatItCosts() throws IOException {
    ModelFile model =
        RandomModels.write(
            directory,
            NetworkSpec.deepLabV3Plus(List.of(1, 2, 3, 3), 4, 8, 16, 3).withAlignCorners(false),
            65,
            97,
            5);

    CommandRun run = info(directory.resolve("random-5.safetensors"));

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out().lines())
        .containsSequence(
            "  model            random, version 1",
            "  network          DeepLabv3+ on ResNet-29, output stride 8, ASPP rates [1, 12, 24, 36],"
                + " 3 classes",
            "  backbone         plain stem, bottleneck blocks, base width 4",
            "    stage 1        blocks 1, stride 1, dilations 1",
            "    stage 2        blocks 2, stride 2, dilations 1x2",
            "    stage 3        blocks 3, stride 1, dilations 2 1x2",
            "    stage 4        blocks 3, stride 1, dilations 2 4 2",
            "  ASPP             16 channels, 0 convolutions after it",
            "  decoder          2 convolutions of 16 channels, 48 low-level channels",
            "  upsampling       corners not aligned",
            "  input            65x97, fit",
            "  pixels           mean [0.485, 0.456, 0.406], deviation [0.229, 0.224, 0.225]")
        .contains("  sha256           " + model.sha256())
        .contains(
            "  classes            0 #000000 class-0", "                     2 #000002 class-2");
  }

  @Test
  void countsMultiplyAddsAtTheInputsSizeOrAnother() {
    assertThat(info(Model.SHIPPED).out()).contains("G at 256x448");
    assertThat(info(Model.SHIPPED, "--input=720x1280").out()).contains("G at 720x1280");
  }

  @Test
  void printsTheWholeSpecificationAsJson() throws IOException {
    ModelFile shipped = ModelFile.shipped();

    JsonNode json = new ObjectMapper().readTree(info(Model.SHIPPED, "--json").out());

    assertThat(json.path("model").path("name").asText()).isEqualTo("street");
    assertThat(json.path("network").path("stages")).hasSize(4);
    assertThat(json.path("sha256").asText()).isEqualTo(shipped.sha256());
    assertThat(json.path("cost").path("tensors").asInt()).isEqualTo(shipped.names().size());
    assertThat(json.path("cost").path("parameters").asLong()).isPositive();
    assertThat(json.has("program")).isFalse();
  }

  @Test
  void saysHowATorchScriptFileIsCalled() throws IOException {
    Path program = Files.write(directory.resolve("own.pt"), new byte[] {'P', 'K', 3, 4, 5});
    Files.writeString(
        TorchScriptFile.specificationOf(program),
        """
        {"formatVersion": 1,
         "model": {"name": "quay", "version": "3",
                   "classes": [{"name": "water", "rgb": "#0000FF"}],
                   "inputHeight": 64, "inputWidth": 96,
                   "normalization": {"mean": [0, 0, 0], "deviation": [1, 1, 1]},
                   "resizePolicy": "STRETCH"},
         "program": {"layout": "NHWC", "channels": "BGR", "alignCorners": true}}
        """);

    assertThat(info(program).out())
        .contains("model            quay, version 3")
        .contains("network          a TorchScript program, layout NHWC, channels BGR")
        .contains("input            64x96, stretch")
        .contains(
            "sha256           450f1ee8a4cdb06410c043b290efe7e8a96491af51a0dbdd084e8143d66e3ade")
        .contains("classes            0 #0000ff water");

    CommandRun counted = info(program, "--input=64x96");
    assertThat(counted.exitCode()).isEqualTo(Main.BAD_INPUT);
    assertThat(counted.err()).startsWith("--input: what a TorchScript file computes can't be");
  }

  @Test
  void endsWithOneSentenceForWhatIsNoModel() throws IOException {
    CommandRun missing = info("none.safetensors");
    assertThat(missing.exitCode()).isEqualTo(Main.BAD_INPUT);
    assertThat(missing.err().strip()).isEqualTo("atrous: There is no model file none.safetensors");

    Path text = Files.writeString(directory.resolve("notes.txt"), "buy milk and bread");
    assertThat(info(text).err().strip())
        .isEqualTo(
            "atrous: File %s is neither a model nor a TorchScript file; `atrous model import` makes a model of a checkpoint"
                .formatted(text));
  }

  private static CommandRun info(Object model, Object... options) {
    Object[] arguments = new Object[options.length + 3];
    arguments[0] = "model";
    arguments[1] = "info";
    arguments[2] = model;
    System.arraycopy(options, 0, arguments, 3, options.length);
    return CommandRun.of(arguments);
  }
}
