package io.atrous.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.dataset.FrameFiles;
import io.atrous.dataset.scene.SceneFrames;
import io.atrous.dataset.scene.Split;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.onednn.OneDnnBackend;
import io.atrous.model.ModelFile;
import io.atrous.model.NetworkSpec;
import io.atrous.model.Quantization;
import io.atrous.network.RandomModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What scales are chosen is the tests' of the package calibration. */
class ModelCommandCalibrateTest {

  private static final SceneFrames SCENES = new SceneFrames(Split.TRAINING, 5, 3, 160, 90, 90);

  @TempDir private Path directory;

  private Path images() throws IOException {
    return write(Files.createDirectory(directory.resolve("photos")), null);
  }

  private Path dataset() throws IOException {
    Path root = Files.createDirectory(directory.resolve("scenes"));
    for (String split : new String[] {"train", "val"}) {
      write(
          Files.createDirectories(root.resolve(split).resolve("images")),
          Files.createDirectories(root.resolve(split).resolve("masks")));
    }
    return root;
  }

  private static Path write(Path images, @Nullable Path masks) throws IOException {
    FrameFiles.write(SCENES, images, masks);
    return images;
  }

  private static CommandRun calibrate(Object... arguments) {
    Object[] all = new Object[arguments.length + 3];
    all[0] = "model";
    all[1] = "calibrate";
    all[2] = "builtin:street";
    System.arraycopy(arguments, 0, all, 3, arguments.length);
    return CommandRun.of(all);
  }

  /** Runs, or skips the test where the processor can't. */
  private static CommandRun calibratedHere(Object... arguments) {
    Assumptions.assumeTrue(
        new OneDnnBackend(System::nanoTime).mayRun(ModelFile.shipped(), new ExecutionTarget.Cpu()),
        "oneDNN is not made for this system");
    CommandRun run = calibrate(arguments);
    Assumptions.assumeFalse(run.err().contains("VNNI"), "no products of eight bits here");
    return run;
  }

  @Test
  void plainImagesAreComparedWithTheLabelsOfFp32() throws IOException {
    Path model = directory.resolve("m.safetensors");
    Path report = directory.resolve("report.json");

    CommandRun run =
        calibratedHere(
            images(),
            "-o",
            model,
            "--report",
            report,
            "--max-part-loss",
            100,
            "--max-class-loss",
            100);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("resnet_features.layer1.0")
        .contains("1 other images, IoU")
        .containsPattern("compared with +the labels of fp32")
        .containsPattern("worst class +\\w+, ")
        .containsPattern("wrote +" + model);
    Quantization written = ModelFile.open(model).quantization().orElseThrow();
    assertThat(written.accuracy().calibrationImages()).isEqualTo(2);
    assertThat(written.accuracy().heldOutImages()).isEqualTo(1);
    assertThat(written.accuracy().truth()).isFalse();
    assertThat(written.accuracy().agreement()).isBetween(0.95, 1.0);
    assertThat(written.weights())
        .containsKey("resnet_features.layer4.0.conv2")
        .doesNotContainKeys("resnet_features.conv1", "last_conv.6");
    JsonNode json = new ObjectMapper().readTree(report.toFile());
    assertThat(json.at("/accuracy/loss").asDouble()).isEqualTo(written.accuracy().loss());
    assertThat(json.at("/parts")).hasSizeGreaterThan(8);
    assertThat(CommandRun.of("model", "info", model).out())
        .containsPattern("int8 +\\d+ convolutions, calibrated by mse on 2 images")
        .containsPattern("int8 costs +-?\\d+\\.\\d+ points of mean IoU");
  }

  @Test
  void nothingIsWrittenWhenAClassLosesTooMuch() throws IOException {
    Path model = Files.writeString(directory.resolve("m.safetensors"), "as before");

    CommandRun run =
        calibratedHere(
            dataset(), "-o", model, "--images", 2, "--max-part-loss", -100, "--max-class-loss", -1);

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .contains("was not written: in int8 the class ")
        .contains("points of IoU, and --max-class-loss is -1.0");
    assertThat(run.out())
        .containsPattern("compared with +the truth")
        .contains("keeps more bits")
        .containsPattern("in int8 +0 convolutions");
    assertThat(model).hasContent("as before");
  }

  @Test
  void whatCannotBeCalibratedIsRefusedInASentence() throws IOException {
    Path model = directory.resolve("m.safetensors");
    Path empty = Files.createDirectory(directory.resolve("empty"));

    assertRefused(calibrate("-o", model), "Say what to observe");
    assertRefused(calibrate(images(), "--synthetic", 1, "-o", model), "Say what to observe");
    assertRefused(calibrate(directory.resolve("nowhere"), "-o", model), "There is no folder");
    assertRefused(calibrate(empty, "-o", model), "empty");
    assertRefused(calibrate("--synthetic", 1, "--images", 0, "-o", model), "--images");
    assertRefused(calibrate("--synthetic", 1, "-o", directory), "it is a folder");
    Files.delete(directory.resolve("photos/1.jpg"));
    Files.delete(directory.resolve("photos/2.jpg"));
    assertRefused(calibrate(directory.resolve("photos"), "-o", model), "0 to hold out");
    assertThat(model).doesNotExist();
  }

  @Test
  void int8IsRefusedInASentenceWhereTheModelOrTheEngineCannotDoIt() throws IOException {
    Path random =
        Path.of(
            RandomModels.write(
                    directory,
                    NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 4, 16, 8, 7),
                    33,
                    49,
                    1)
                .origin());
    Path masks = directory.resolve("masks");

    assertRefused(
        CommandRun.of("model", "predict", random, images(), "-o", masks, "--precision", "int8"),
        "was not calibrated for int8");
    assertRefused(
        CommandRun.of(
            "model",
            "predict",
            "builtin:street",
            directory.resolve("photos"),
            "-o",
            masks,
            "--precision",
            "int8",
            "--engine",
            "torch"),
        "int8 runs on oneDNN alone");
    assertRefused(
        CommandRun.of("model", "compile", "builtin:street", "-o", masks, "--precision", "int8"),
        "not in int8");
  }

  private static void assertRefused(CommandRun run, String why) {
    assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).contains(why);
  }
}
