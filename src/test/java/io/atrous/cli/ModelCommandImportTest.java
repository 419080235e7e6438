package io.atrous.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.inference.torch.CompiledNetwork;
import io.atrous.inference.torch.TorchScriptVariant;
import io.atrous.model.ModelFile;
import io.atrous.model.NetworkSpec;
import io.atrous.model.Normalization;
import io.atrous.model.Safetensors;
import io.atrous.model.Safetensors.Tensor;
import io.atrous.model.StorageType;
import io.atrous.network.CostModel;
import io.atrous.network.HashedWeights;
import io.atrous.network.RandomModels;
import io.atrous.network.Weights;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A model file of ours has the seed's names, so it can stand for a checkpoint of the seed's. */
final class ModelCommandImportTest {

  private static final NetworkSpec NETWORK =
      NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 3), 4, 16, 8, 3);
  private static final List<Integer> IMAGE = List.of(1, 3, 32, 304);

  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path checkpoint;
  private Path output;

  @BeforeEach
  void writeACheckpoint() throws IOException {
    RandomModels.write(directory, NETWORK, 64, 64, 7);
    checkpoint = directory.resolve("random-7.safetensors");
    output = directory.resolve("model.safetensors");
  }

  @Test
  void makesAModelOfACheckpoint() throws IOException {
    Path classes = Files.writeString(directory.resolve("classes.txt"), "sky #4682B4\nroad\nsea\n");
    Path report = directory.resolve("report.json");

    assertThat(
            execute(
                "--classes=" + classes,
                "--input=96x160",
                "--mean=0.5,0.5,0.25",
                "--std=0.25,0.25,0.5",
                "--model-version=7",
                "--storage=f16",
                "--report=" + report))
        .as(err.toString())
        .isZero();

    ModelFile model = ModelFile.open(output);
    assertThat(model.network()).isEqualTo(NETWORK);
    assertThat(model.spec().name()).isEqualTo("random-7");
    assertThat(model.spec().version()).isEqualTo("7");
    assertThat(model.spec().inputHeight()).isEqualTo(96);
    assertThat(model.spec().inputWidth()).isEqualTo(160);
    assertThat(model.spec().normalization())
        .isEqualTo(new Normalization(List.of(0.5, 0.5, 0.25), List.of(0.25, 0.25, 0.5)));
    assertThat(model.spec().classes().get(0).rgb()).isEqualTo(0x4682B4);
    assertThat(model.spec().classes().get(2).name()).isEqualTo("sea");
    int tensors = CostModel.parametersOf(NETWORK).size();
    assertThat(out.toString())
        .contains("seed, safetensors")
        .contains("DeepLabv3+ on ResNet-20, output stride 16, ASPP rates [1, 6, 12, 18], 3 classes")
        .contains("imported " + tensors + ", dropped 0, fresh 0")
        .contains("wrote")
        .doesNotContain("untrained");
    JsonNode json = new ObjectMapper().readTree(Files.readString(report));
    assertThat(json.fieldNames())
        .toIterable()
        .containsExactly(
            "family", "imported", "dropped", "fresh", "relativeError", "labelAgreement");
    assertThat(json.path("family").asText()).isEqualTo("seed");
    assertThat(json.path("imported").asInt()).isEqualTo(tensors);
    assertThat(json.path("relativeError").isNull()).isTrue();
  }

  @Test
  void withoutClassesTheyAreNumbered() {
    assertThat(execute()).isZero();
    assertThat(ModelFile.open(output).spec().classes().get(2).name()).isEqualTo("class-2");
    assertThat(ModelFile.open(output).spec().inputHeight()).isEqualTo(513);
  }

  @Test
  void aReferenceThatAgreesIsReported() throws IOException {
    Path report = directory.resolve("report.json");

    assertThat(execute("--reference=" + reference(1), "--report=" + report))
        .as(err.toString())
        .isZero();

    JsonNode json = new ObjectMapper().readTree(Files.readString(report));
    assertThat(json.path("relativeError").asDouble()).isBetween(0.0, 1e-5);
    assertThat(json.path("labelAgreement").asDouble()).isEqualTo(1);
    assertThat(out.toString()).contains("relative error").contains("label agreement  100.00 %");
    assertThat(output).exists();
  }

  @Test
  void aReferenceThatDisagreesLeavesWhatWasThere() throws IOException {
    Files.writeString(output, "an older model");
    Path report = directory.resolve("report.json");

    assertThat(execute("--reference=" + reference(1.01f), "--report=" + report))
        .isEqualTo(Main.FAILED);

    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString())
        .startsWith("atrous: " + output + " was not written: its logits differ")
        .contains("by 0.0099, and 0.001 is the most for F32");
    assertThat(output).hasContent("an older model");
    assertThat(
            new ObjectMapper().readTree(Files.readString(report)).path("relativeError").asDouble())
        .isGreaterThan(0.009);
    assertNothingElseIsLeft("report.json", "reference.safetensors", "model.safetensors");
  }

  @Test
  void aReferenceThatIsTooSmallForTheRatesSaysWhichSizeWouldDo() throws IOException {
    Path reference = reference(1);

    assertThat(execute("--aspp-rates=6,12,99", "--reference=" + reference))
        .isEqualTo(Main.BAD_INPUT);

    assertThat(err.toString())
        .isEqualTo(
            "atrous: --reference: Reference "
                + reference
                + " can't be used: no outer tap of dilation 99 reaches into its features of 2x19, so that"
                + " a wrong one would agree; images of 1600x1600 would show it"
                + System.lineSeparator());
    assertThat(output).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"1, 100.00 %", "0.99998, 99.99 %", "0.9999, 99.99 %", "0.57, 57.00 %", "0, 0.00 %"})
  void anAgreementIsNotRoundedUp(double agreement, String text) {
    assertThat(ModelCommandImport.percent(agreement)).isEqualTo(text);
  }

  @Test
  void aFreshDecoderIsSaidToBeUntrained() {
    assertThat(execute("--fresh-decoder", "--classes=street")).isZero();

    assertThat(ModelFile.open(output).spec().classes().get(0).name()).isEqualTo("road");
    assertThat(out.toString()).contains("fresh 17").contains("17 fresh tensors are untrained");
    assertThat(ModelFile.open(output).untrained()).isEqualTo(17);
  }

  @Test
  void anUntrainedModelIsUsedOnlyIfToldTo() throws IOException {
    assertThat(execute("--fresh-decoder", "--input=32x32")).isZero();
    out.getBuffer().setLength(0);
    Path image = directory.resolve("image.png");
    ImageIO.write(new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB), "png", image.toFile());
    String[] predict = {
      "model", "predict", output.toString(), image.toString(), "-o", directory.toString()
    };

    assertThat(run(predict)).isEqualTo(Main.BAD_INPUT);
    assertThat(err.toString())
        .isEqualTo(
            "atrous: Model file "
                + output
                + " has 17 untrained tensors, so that its masks mean nothing: train it first (atrous"
                + " model train --from), or say --untrained"
                + System.lineSeparator());

    assertThat(run("model", "info", output.toString())).isZero();
    assertThat(out.toString().lines().limit(2))
        .last(InstanceOfAssertFactories.STRING)
        .contains("untrained", "17 tensors: train it before it serves");

    String[] allowed = Arrays.copyOf(predict, predict.length + 1);
    allowed[predict.length] = "--untrained";
    assertThat(run(allowed)).as(err.toString()).isZero();
  }

  @Test
  void halfPrecisionOfTheFileIsForgivenWhateverTheStorage() throws IOException {
    Path agreeing = Files.move(reference(1), directory.resolve("agreeing.safetensors"));
    Path differing = reference(1.1f);
    write(checkpoint, RandomModels.tensors(NETWORK, 7), StorageType.BF16);

    assertThat(execute("--reference=" + agreeing)).as(err.toString()).isZero();

    assertThat(execute("--reference=" + differing)).isEqualTo(Main.FAILED);
    assertThat(err.toString()).contains("and 0.03 is the most for BF16");
  }

  @Test
  void numbersThatTheStorageCannotHoldAreNamed() throws IOException {
    Map<String, Tensor> tensors = new TreeMap<>(RandomModels.tensors(NETWORK, 7));
    tensors.put("bn1.bias", new Tensor(List.of(8), new float[] {1e5f, 0, 0, 0, 0, 0, 0, 0}));
    write(checkpoint, tensors);

    assertThat(execute("--storage=f16")).isEqualTo(Main.BAD_INPUT);

    assertThat(err.toString()).contains("bn1.bias contains 100000.0, which F16 can't hold");
    assertNothingElseIsLeft();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--classes=voc | it has 3 classes, and 21 are named",
        "--classes=nowhere.txt | nowhere.txt",
        "--output-stride=4 | an output stride is 8 or 16, not 4",
        "--aspp-rates=6,12 | three dilated branches",
        "--mean=123.675,116.28,103.53 | divide [123.675, 116.28, 103.53] by 255",
        "--mean=NaN,0,0 | --mean",
        "--std=0,1,1 | positive deviations",
        "--input=0x7 | is not a size such as",
        "--input=99999x7 | impossible input size 99999x7",
        "--storage=f8 | --storage",
        "--name= | a model needs a name",
        "--report=nowhere/report.json | --report: cannot write",
        "--reference=nowhere.safetensors | --reference: There is no model file nowhere.safetensors",
      })
  void badArgumentsEndInOneSentence(String argument, String sentence) throws IOException {
    assertThat(execute(argument)).isEqualTo(Main.BAD_INPUT);

    assertThat(err.toString()).contains(sentence).doesNotContain("\tat ");
    assertNothingElseIsLeft();
  }

  @Test
  void aReferenceIsNoUseToUntrainedTensors() throws IOException {
    assertThat(execute("--fresh-decoder", "--reference=" + reference(1))).isEqualTo(Main.BAD_INPUT);
    assertThat(err.toString()).contains("nothing to compare with: 17 tensors are untrained");
  }

  private int execute(String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("model", "import", checkpoint.toString(), "-o", output.toString()));
    arguments.addAll(List.of(more));
    return run(arguments.toArray(String[]::new));
  }

  private int run(String... arguments) {
    return Main.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  private void assertNothingElseIsLeft(String... names) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              Stream.concat(Stream.of("random-7.safetensors"), Stream.of(names)).toList());
    }
  }

  /** What the checkpoint's network gives, times a factor. */
  private Path reference(float factor) throws IOException {
    float[] image = HashedWeights.image(IMAGE);
    float[] logits;
    try (CompiledNetwork network =
        CompiledNetwork.compile(
            Weights.of(ModelFile.open(checkpoint)), TorchScriptVariant.PLAIN, directory)) {
      logits = network.logits(image, IMAGE.get(2), IMAGE.get(3));
    }
    for (int i = 0; i < logits.length; i++) {
      logits[i] *= factor;
    }
    Path file = directory.resolve("reference.safetensors");
    write(
        file,
        Map.of(
            "input", new Tensor(IMAGE, image),
            "logits", new Tensor(List.of(1, 3, IMAGE.get(2), IMAGE.get(3)), logits)));
    return file;
  }

  private static void write(Path file, Map<String, Tensor> tensors) throws IOException {
    write(file, tensors, StorageType.F32);
  }

  private static void write(Path file, Map<String, Tensor> tensors, StorageType type)
      throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      Safetensors.write(out, Map.of(), tensors, type);
    }
  }
}
