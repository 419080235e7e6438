package io.atrous.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.checkpoint.torch.TorchFiles;
import io.atrous.dataset.scene.StreetClass;
import io.atrous.frame.FrameEncoder;
import io.atrous.frame.RgbImage;
import io.atrous.model.ModelFile;
import io.atrous.model.Safetensors.Tensor;
import io.atrous.process.ChildJvm;
import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class ModelCommandTrainTest {

  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int execute(String... arguments) {
    return Main.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  private static final Map<String, String> TINY =
      Map.of(
          "--steps", "2",
          "--scenes", "2",
          "--input", "64x112",
          "--crop", "32x48",
          "--batch-size", "2",
          "--threads", "1",
          "--validation-images", "1");

  /** A small training; what is said more takes the place of the usual. */
  private static String[] tiny(Path output, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("model", "train", "--synthetic", "-o", output.toString()));
    arguments.addAll(List.of(more));
    TINY.forEach(
        (option, value) -> {
          boolean replaced = option.equals("--steps") && arguments.contains("--epochs");
          if (!replaced && !arguments.contains(option)) {
            arguments.add(option);
            arguments.add(value);
          }
        });
    return arguments.toArray(String[]::new);
  }

  @Test
  void writesAModelAndSaysHowGoodItIs() {
    Path output = directory.resolve("tiny.safetensors");

    int exit = execute(tiny(output));

    assertThat(exit).as(err.toString()).isZero();
    assertThat(out.toString())
        .containsPattern("tiny\\.safetensors, validation mIoU 0\\.\\d{3} after step 2 of 2\\R")
        .contains("tiny.training");
    ModelFile model = ModelFile.open(output);
    assertThat(model.spec().classes()).isEqualTo(StreetClass.catalog());
    assertThat(model.spec().name()).isEqualTo("tiny");
    assertThat(model.spec().inputHeight()).isEqualTo(64);
    assertThat(model.spec().inputWidth()).isEqualTo(112);
    assertThat(directory.resolve("tiny.training/curves.png")).exists();
    assertThat(directory.resolve("tiny.training/log.jsonl")).isNotEmptyFile();
  }

  @Test
  void makesTheSameModelForTheSameSeedAndContinuesFromOne() throws Exception {
    Path first = directory.resolve("first.safetensors");
    Path second = directory.resolve("second.safetensors");
    Path continued = directory.resolve("continued.safetensors");

    execute(tiny(first, "--name", "same"));
    execute(tiny(second, "--name", "same"));
    int exit =
        execute(
            tiny(
                continued,
                "--init",
                first.toString(),
                "--optimizer",
                "sgd",
                "--nesterov",
                "--accumulate",
                "2",
                "--batch-size",
                "1",
                "--freeze-batch-norm",
                "--class-weights",
                "1,1,1,1,1,2,5",
                "--epochs",
                "2"));

    assertThat(Files.readAllBytes(second)).isEqualTo(Files.readAllBytes(first));
    assertThat(exit).as(err.toString()).isZero();
    assertThat(Files.readAllBytes(continued)).isNotEqualTo(Files.readAllBytes(first));
  }

  @Test
  void beginsWithABackboneOrAnotherNetwork() throws Exception {
    Path output = directory.resolve("basic.safetensors");

    int exit = execute(tiny(output, "--network", "resnet18", "--input", "65x65"));

    assertThat(exit).as(err.toString()).isZero();
    assertThat(ModelFile.open(output).network().summary())
        .isEqualTo(
            "DeepLabv3+ on ResNet-18, output stride 16, ASPP rates [1, 6, 12, 18], 7 classes");
    Path again = directory.resolve("again.safetensors");
    assertThat(execute(tiny(again, "--backbone", output.toString()))).as(err.toString()).isZero();
    assertThat(out.toString()).contains("seed: ").contains(" untrained");
  }

  @Test
  void aCheckpointOfAnotherProjectIsToBeImportedFirst() throws Exception {
    Map<String, Tensor> weights = Map.of("w", new Tensor(List.of(1), new float[1]));
    Map<String, byte[]> checkpoints =
        Map.of(
            "zip.pth", TorchFiles.zip(weights),
            "old.pth", TorchFiles.legacy(weights),
            "w.safetensors", TorchFiles.safetensors(weights));
    for (Map.Entry<String, byte[]> checkpoint : checkpoints.entrySet()) {
      Path from = Files.write(directory.resolve(checkpoint.getKey()), checkpoint.getValue());
      err.getBuffer().setLength(0);

      assertThat(execute(tiny(directory.resolve("never"), "--from", from.toString())))
          .isEqualTo(Main.BAD_INPUT);
      assertThat(err.toString().lines()).hasSize(1);
      assertThat(err.toString()).contains(from.toString()).contains("atrous model import");
    }
  }

  @Test
  void trainsOnLabelledImagesOfTheUsers() throws Exception {
    Path dataset = directory.resolve("dataset");
    Path images = Files.createDirectories(dataset.resolve("images"));
    Path masks = Files.createDirectories(dataset.resolve("masks"));
    Files.writeString(dataset.resolve("classes.txt"), "left\nright\n");
    for (int number = 0; number < 10; number++) {
      RgbImage image = RgbImage.allocate(96, 54);
      RgbImage labels = RgbImage.allocate(96, 54);
      for (int y = 0; y < 54; y++) {
        for (int x = 0; x < 96; x++) {
          boolean right = x > 30 + 3 * number;
          image.setRgb(x, y, right ? 0xC0C0C0 : 0x303030);
          labels.setRgb(x, y, right ? 0xFF0000 : 0x00FF00);
        }
      }
      Files.write(images.resolve("frame-" + number + ".jpg"), FrameEncoder.jpeg(image, 90));
      Files.write(masks.resolve("frame-" + number + ".png"), FrameEncoder.png(labels));
    }
    Files.writeString(
        dataset.resolve("labels.json"), "{\"#00FF00\": \"left\", \"#FF0000\": \"right\"}");
    Path output = directory.resolve("halves.safetensors");

    CommandRun run =
        CommandRun.of(
            "model",
            "train",
            dataset,
            "-o",
            output,
            "--steps",
            2,
            "--input",
            "64x112",
            "--threads",
            1);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("9 images to train on, 1 to validate on");
    assertThat(ModelFile.open(output).spec().classes().get(1).name()).isEqualTo("right");

    Files.writeString(dataset.resolve("labels.json"), "{\"#00FF00\": \"left\"}");
    CommandRun unknown = CommandRun.of("model", "train", dataset, "-o", output);
    assertThat(unknown.exitCode()).isEqualTo(Main.BAD_INPUT);
    assertThat(unknown.err()).contains("#ff0000").contains("frame-0.png");
  }

  /** As by Ctrl-C or SIGTERM. */
  @Test
  void aTrainingThatIsAskedToEndLeavesACheckpointToGoOnFrom() throws Exception {
    Path output = directory.resolve("asked.safetensors");
    String[] arguments = tiny(output, "--steps", "100000", "--validate-every", "1");
    Process process =
        ChildJvm.running(Main.class, List.of(), List.of(arguments))
            .redirectErrorStream(true)
            .start();
    List<String> lines = new ArrayList<>();
    try (BufferedReader said = process.inputReader()) {
      String line = said.readLine();
      while (line != null && !line.startsWith("step 2: validation mIoU")) {
        lines.add(line);
        line = said.readLine();
      }
      // By its handle: the process itself would also close its streams.
      process.toHandle().destroy();
      said.lines().forEach(lines::add);
    } finally {
      process.destroyForcibly();
    }

    assertThat(lines).anyMatch(line -> line.matches("stopped after step \\d+; .*--resume.*"));
    assertThat(directory.resolve("asked.training/checkpoint.json")).exists();
    assertThat(ModelFile.open(output).spec().name()).isEqualTo("asked");
    refuses("holds the checkpoint of a training after step", arguments);
    refuses(
        "another training: plan.batchSize was 2 and is 4",
        tiny(
            output, "--steps", "100000", "--validate-every", "1", "--batch-size", "4", "--resume"));
  }

  private void refuses(String sentence, String... arguments) {
    err.getBuffer().setLength(0);
    assertThat(execute(arguments)).as(sentence).isEqualTo(Main.BAD_INPUT);
    assertThat(err.toString()).contains(sentence);
  }

  @Test
  void endsWithOneSentenceForArgumentsThatMakeNoTraining() {
    Path output = directory.resolve("never.safetensors");

    refuses(
        "Say what to train on: the folder of a data set, or --synthetic",
        "model",
        "train",
        "-o",
        output.toString());
    refuses("'128' is not a size such as 256x448", tiny(output, "--crop", "128"));
    refuses(
        "--epochs, --steps and --minutes exclude each other",
        tiny(output, "--steps", "1", "--epochs", "1"));
    refuses(
        "--init, --backbone and --network exclude each other",
        tiny(output, "--network", "street", "--init", "builtin:street"));
    refuses("Can't train: 2 class weights for 7 classes", tiny(output, "--class-weights", "1,2"));
    refuses("'heavy'", tiny(output, "--class-weights", "heavy"));
    refuses("dropout is a probability", tiny(output, "--dropout", "1"));
    refuses("momentum is 0 or more", tiny(output, "--optimizer", "sgd", "--momentum", "1"));
    refuses("weight decay is 0 or more", tiny(output, "--weight-decay", "-1"));
    refuses("impossible scales from 2.0 to 1.25", tiny(output, "--min-scale", "2"));
    refuses("an execution target is auto, cpu", tiny(output, "--device", "tpu"));
    refuses("holds no checkpoint to go on from", tiny(output, "--resume"));
    refuses("--batch-size must be at least 1", tiny(output, "--batch-size", "0"));
    Path nowhere = directory.resolve("missing").resolve("model.safetensors");
    refuses("atrous: --output: cannot write " + nowhere, tiny(nowhere));

    assertThat(output).doesNotExist();
  }
}
