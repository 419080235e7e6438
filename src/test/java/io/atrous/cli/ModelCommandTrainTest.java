package io.atrous.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.checkpoint.torch.TorchFiles;
import io.atrous.dataset.scene.StreetClass;
import io.atrous.model.ModelFile;
import io.atrous.model.Safetensors.Tensor;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
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

  private static final String[] TINY = {
    "model",
    "train",
    "--synthetic",
    "--steps",
    "2",
    "--scenes",
    "2",
    "--input",
    "64x112",
    "--crop",
    "32x48",
    "--batch",
    "2",
    "--measured-scenes",
    "1",
    "-o"
  };

  private static String[] tiny(Path output, String... more) {
    String[] arguments = new String[TINY.length + 1 + more.length];
    System.arraycopy(TINY, 0, arguments, 0, TINY.length);
    arguments[TINY.length] = output.toString();
    System.arraycopy(more, 0, arguments, TINY.length + 1, more.length);
    return arguments;
  }

  @Test
  void writesAModelAndSaysHowGoodItIs() {
    Path output = directory.resolve("tiny.safetensors");

    int exit = execute(tiny(output));

    assertThat(exit).as(err.toString()).isZero();
    assertThat(out.toString().lines().reduce((first, last) -> last).orElseThrow())
        .matches(".*tiny\\.safetensors, validation mIoU 0\\.\\d{3}, test mIoU 0\\.\\d{3}");
    ModelFile model = ModelFile.open(output);
    assertThat(model.spec().classes()).isEqualTo(StreetClass.catalog());
    assertThat(model.spec().inputHeight()).isEqualTo(64);
    assertThat(model.spec().inputWidth()).isEqualTo(112);
  }

  @Test
  void makesTheSameModelForTheSameSeedAndContinuesFromOne() throws Exception {
    Path first = directory.resolve("first.safetensors");
    Path second = directory.resolve("second.safetensors");
    Path continued = directory.resolve("continued.safetensors");

    execute(tiny(first));
    execute(tiny(second));
    int exit = execute(tiny(continued, "--from", first.toString(), "--optimizer", "sgd"));

    assertThat(Files.readAllBytes(second)).isEqualTo(Files.readAllBytes(first));
    assertThat(exit).as(err.toString()).isZero();
    assertThat(Files.readAllBytes(continued)).isNotEqualTo(Files.readAllBytes(first));
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
  void endsWithOneSentenceForArgumentsThatMakeNoTraining() {
    Path output = directory.resolve("never.safetensors");

    assertThat(execute("model", "train", "-o", output.toString())).isEqualTo(2);
    assertThat(err.toString()).startsWith("Say what to train on: --synthetic");
    err.getBuffer().setLength(0);

    assertThat(
            execute(
                "model",
                "train",
                "--synthetic",
                "--scenes",
                "1",
                "--batch",
                "1",
                "-o",
                output.toString()))
        .isEqualTo(2);
    assertThat(err.toString()).startsWith("Can't train: a batch has at least two crops, not 1");
    err.getBuffer().setLength(0);

    assertThat(execute("model", "train", "--synthetic", "--crop", "128", "-o", output.toString()))
        .isEqualTo(2);
    assertThat(err.toString()).contains("'128' is not a size such as 256x448");
    err.getBuffer().setLength(0);

    Path nowhere = directory.resolve("missing").resolve("model.safetensors");
    assertThat(execute(tiny(nowhere))).isEqualTo(2);
    assertThat(err.toString()).startsWith("atrous: --output: cannot write " + nowhere);

    assertThat(output).doesNotExist();
  }
}
