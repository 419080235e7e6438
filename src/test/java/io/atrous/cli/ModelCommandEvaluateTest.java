package io.atrous.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.dataset.FrameFiles;
import io.atrous.dataset.LabelPngs;
import io.atrous.dataset.scene.SceneFrames;
import io.atrous.dataset.scene.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the figures are is the tests' of the package evaluation. */
class ModelCommandEvaluateTest {

  private static final SceneFrames SCENES = new SceneFrames(Split.TEST, 5, 3, 320, 180, 90);

  @TempDir private Path directory;

  private Path scenes() throws IOException {
    Path root = Files.createDirectory(directory.resolve("scenes"));
    Path images = Files.createDirectories(root.resolve("test/images"));
    Path masks = Files.createDirectories(root.resolve("test/masks"));
    FrameFiles.write(SCENES, images, masks);
    return root;
  }

  private static CommandRun evaluate(Object... arguments) {
    Object[] all = new Object[arguments.length + 3];
    all[0] = "model";
    all[1] = "evaluate";
    all[2] = "street";
    System.arraycopy(arguments, 0, all, 3, arguments.length);
    return CommandRun.of(all);
  }

  @Test
  void measuresADataSetOfTheUsersAndSaysTheSameTwice() throws IOException {
    Path page = directory.resolve("new/page");

    CommandRun run = evaluate(scenes(), "--html", page);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("data set               " + directory.resolve("scenes") + ", split test")
        .contains("images                 3, 172800 pixels judged")
        .containsPattern("mean IoU +0\\.[5-9]")
        .containsPattern("road +0\\.\\d{4} +\\d+ ");
    assertThat(page.resolve("index.html")).content().contains("test/images/0.jpg: mean IoU");
    byte[] first = Files.readAllBytes(page.resolve("index.html"));
    assertThat(evaluate(directory.resolve("scenes"), "--html", page).out()).isEqualTo(run.out());
    assertThat(page.resolve("index.html")).hasBinaryContent(first);
  }

  @Test
  void measuresOnScenesNeverSeenAndComparesTwoModels() throws IOException {
    CommandRun run =
        evaluate("--synthetic", 9, "--count", 2, "--compare", "builtin:street", "--json");

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode result = new ObjectMapper().readTree(run.out());
    assertThat(result.at("/model/dataset").asText())
        .isEqualTo("synthetic scenes, test split, seed 9");
    assertThat(result.at("/model/images").asInt()).isEqualTo(2);
    assertThat(result.at("/model/meanIoU").asDouble()).isBetween(0.5, 1.0);
    assertThat(result.at("/model")).isEqualTo(result.at("/other"));
    assertThat(result.at("/comparison/mean/difference").asDouble()).isZero();
    assertThat(result.at("/comparison/classes")).hasSize(7);
  }

  @Test
  void measuresOnScenesThatAreHardToSee() {
    CommandRun run = evaluate("--synthetic", 9, "--count", 2, "--conditions", "hard");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("data set               synthetic scenes, test split, seed 9, hard conditions");
  }

  @Test
  void saysHowImagesWereShown() throws IOException {
    Path scenes = scenes();

    assertThat(evaluate(scenes, "--protocol", "centre-crop").out())
        .contains("centre crop of the input's aspect ratio; the rest is not judged");
    assertThat(evaluate(scenes, "--protocol", "multi-scale", "--scales", "0.75,1").out())
        .contains("whole image at scales [0.75, 1.0] and mirrored, probabilities averaged");
    assertThat(evaluate(scenes, "--input", "64x112", "--precision", "bf16").out())
        .contains("bf16 on cpu, input 64x112");
  }

  @Test
  void endsWithOneSentenceForArgumentsThatMakeNoEvaluation() throws IOException {
    assertThat(evaluate().err()).startsWith("Say what to measure on: DATASET or --synthetic SEED");
    assertThat(evaluate(directory, "--synthetic", 1).exitCode()).isEqualTo(Main.BAD_INPUT);
    assertThat(evaluate("--synthetic", 1, "--protocol", "tta").err())
        .contains("'tta' is not whole, centre-crop or multi-scale");
    assertThat(evaluate("--synthetic", 1, "--protocol", "multi-scale", "--scales", "0").err())
        .startsWith("--scales: scales are from 0.1 to 8.0, not [0.0]");
    assertThat(evaluate("--synthetic", 1, "--compare", "none.safetensors").err().strip())
        .isEqualTo("atrous: There is no model file none.safetensors");
    assertThat(evaluate(directory).err().strip())
        .startsWith("atrous: Folder " + directory + " has none of the known layouts");

    LabelPngs.jpeg(directory.resolve("images/a.jpg"), 2, 1);
    LabelPngs.grey(directory.resolve("masks/a.png"), 2, 1, 0, 7);
    CommandRun unknown = evaluate(directory);
    assertThat(unknown.exitCode()).isEqualTo(Main.BAD_INPUT);
    assertThat(unknown.err())
        .contains("atrous: Label image " + directory.resolve("masks/a.png") + " has the value 7,")
        .contains("none of the 7 classes (road, pavement,");
  }
}
