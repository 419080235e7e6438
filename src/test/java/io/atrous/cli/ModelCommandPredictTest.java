package io.atrous.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atrous.dataset.scene.Split;
import io.atrous.dataset.scene.SyntheticScene;
import io.atrous.frame.FrameEncoder;
import io.atrous.frame.RgbImage;
import io.atrous.model.Model;
import io.atrous.model.TorchScriptFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the masks hold is PredictorTest's. */
class ModelCommandPredictTest {

  private static final byte[] IMAGE = FrameEncoder.png(RgbImage.allocate(90, 60));

  @TempDir private Path directory;
  private Path in;
  private Path out;

  @BeforeEach
  void makeFolders() throws IOException {
    in = Files.createDirectory(directory.resolve("in"));
    out = directory.resolve("results/of/today");
  }

  @Test
  void saysWhatIsInEachImageAndWritesItDown() throws IOException {
    Path image = Files.write(in.resolve("a.png"), IMAGE);

    CommandRun run = predict(in);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).matches(image + ": [a-z]+ \\d+\\.\\d %.*\\R");
    assertThat(out.toFile().list())
        .containsExactlyInAnyOrder("a.mask.png", "a.overlay.jpg", "classes.json");
    JsonNode report = report();
    assertThat(report.at("/model/name").asText()).isEqualTo("street");
    assertThat(report.at("/classes/0/name").asText()).isEqualTo("road");
    assertThat(report.at("/images/0/image").asText()).isEqualTo(image.toString());
    assertThat(report.at("/images/0/mask").asText()).isEqualTo("a.mask.png");
    assertThat(report.at("/images/0/width").asInt()).isEqualTo(90);
    assertThat(report.at("/images/0/shares").elements().next().asDouble()).isBetween(0.1, 1.0);
  }

  @Test
  void doesTheOthersWhereAnImageIsBadAndEndsWithExitCode2() throws IOException {
    Files.write(in.resolve("a.png"), IMAGE);
    Path note = Files.writeString(in.resolve("b.png"), "a note");
    Files.write(in.resolve("c.png"), IMAGE);

    CommandRun run = predict(in, "--overlay", "none", "--input", "64x96");

    assertThat(run.exitCode()).isEqualTo(Main.BAD_INPUT);
    assertThat(run.err().strip()).isEqualTo("atrous: " + note + ": it is neither a JPEG nor a PNG");
    assertThat(out.toFile().list())
        .containsExactlyInAnyOrder("a.mask.png", "c.mask.png", "classes.json");
    assertThat(report().at("/images")).hasSize(3);
    assertThat(report().at("/images/1/error").asText()).isEqualTo("it is neither a JPEG nor a PNG");
    assertThat(report().at("/images/1").has("mask")).isFalse();
  }

  @Test
  void doesTheOthersWhereAnArgumentCanNotBeAFilesName() throws IOException {
    Path image = Files.write(in.resolve("a.png"), IMAGE);

    CommandRun run =
        CommandRun.of(
            "model", "predict", Model.SHIPPED, "b\0.png", image, "-o", out, "--overlay=none");

    assertThat(run.exitCode()).isEqualTo(Main.BAD_INPUT);
    assertThat(run.err().strip())
        .startsWith("atrous: b")
        .contains("its name is not in the encoding of this locale");
    assertThat(out.toFile().list()).containsExactlyInAnyOrder("a.mask.png", "classes.json");
    assertThat(report().at("/images")).hasSize(2);
  }

  @Test
  void overwritesTheResultsOfAnEarlierRun() throws IOException {
    Files.write(in.resolve("a.png"), IMAGE);
    Files.createDirectories(out);
    Path mask = Files.writeString(out.resolve("a.mask.png"), "of an earlier run");

    assertThat(predict(in, "--overlay", "none").exitCode()).isZero();

    assertThat(mask).content(StandardCharsets.ISO_8859_1).contains("IHDR");
  }

  /** A compiled model is what a stranger's own program would be. */
  @Test
  void segmentsWithATorchScriptFileAsWithTheModelItWasCompiledFrom() throws IOException {
    Path program = directory.resolve("street.pt");
    assertThat(CommandRun.of("model", "compile", Model.SHIPPED, "-o", program).exitCode()).isZero();
    Files.writeString(TorchScriptFile.specificationOf(program), specification());
    RgbImage street = SyntheticScene.of(Split.TEST, 1, 3).render(0.7, 448, 252).image();
    Files.write(in.resolve("street.png"), FrameEncoder.png(street));

    CommandRun compiled =
        CommandRun.of("model", "predict", program, in, "-o", directory.resolve("compiled"));
    CommandRun model = predict(in);

    assertThat(compiled.exitCode()).as(compiled.err()).isZero();
    assertThat(compiled.out()).isEqualTo(model.out()).contains("road").contains("building");
    assertThat(directory.resolve("compiled/street.mask.png"))
        .hasSameBinaryContentAs(out.resolve("street.mask.png"));
  }

  private static String specification() throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    JsonNode info = mapper.readTree(CommandRun.of("model", "info", Model.SHIPPED, "--json").out());
    ObjectNode specification = mapper.createObjectNode().put("formatVersion", 1);
    specification.set("model", info.path("model"));
    specification
        .putObject("program")
        .put("layout", "NCHW")
        .put("channels", "RGB")
        .put("alignCorners", true);
    return specification.toString();
  }

  @Test
  void endsWithOneSentenceForArgumentsThatMakeNoPrediction() throws IOException {
    Path image = Files.write(in.resolve("a.png"), IMAGE);

    assertSentence(
        CommandRun.of("model", "predict", "none.safetensors", image, "-o", out),
        "atrous: There is no model file none.safetensors");
    assertSentence(
        predict(Files.createDirectory(directory.resolve("empty"))),
        "atrous: no .jpg, .jpeg or .png file in " + directory.resolve("empty"));
    assertSentence(
        CommandRun.of("model", "predict", Model.SHIPPED, in, "-o", in),
        "atrous: results can't lie among the images in " + in.toRealPath());
    assertSentence(
        CommandRun.of("model", "predict", Model.SHIPPED, in, "-o", image),
        "atrous: --output: cannot make the folder " + image);
    assertThat(predict(image, "--device", "cuda:99").err()).startsWith("there is no cuda:99");
    assertThat(predict(image, "--device", "tpu").err()).contains("not 'tpu'");
    assertThat(predict(image, "--input", "9").err()).contains("'9' is not a size");
    assertThat(predict(image, "--batch", "0").err()).contains("batch size must be positive");
  }

  private static void assertSentence(CommandRun run, String beginning) {
    assertThat(run.exitCode()).isEqualTo(Main.BAD_INPUT);
    assertThat(run.err().lines()).as(run.err()).hasSize(1);
    assertThat(run.err()).startsWith(beginning);
  }

  private CommandRun predict(Path images, Object... options) {
    Object[] arguments = new Object[options.length + 6];
    arguments[0] = "model";
    arguments[1] = "predict";
    arguments[2] = Model.SHIPPED;
    arguments[3] = images;
    arguments[4] = "-o";
    arguments[5] = out;
    System.arraycopy(options, 0, arguments, 6, options.length);
    return CommandRun.of(arguments);
  }

  private JsonNode report() throws IOException {
    return new ObjectMapper().readTree(Files.readAllBytes(out.resolve("classes.json")));
  }
}
