package io.atrous.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the archive is TorchScriptExportTest's. */
class ModelCommandCompileTest {

  @TempDir private Path directory;

  @Test
  void writesAnArchiveAndSaysWhatItNeeds() throws IOException {
    Path archive = directory.resolve("street.pt");

    CommandRun run =
        CommandRun.of("model", "compile", Model.SHIPPED, "-o", archive, "--target", "cpu");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .startsWith(archive + ": street ")
        .contains("for cpu in fp32")
        .contains("needs libtorch 2.3 or newer with oneDNN");
    assertThat(Files.newInputStream(archive).readNBytes(2)).asString().isEqualTo("PK");
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(archive);
    }
  }

  @Test
  void computesInHalfPrecisionOnCudaUnlessAskedForAnother() {
    assertThat(compile("--target", "cuda").out()).contains("for cuda in fp16");
    assertThat(compile("--target", "cuda", "--precision", "bf16").out()).contains("in bf16");
    assertThat(compile().out()).contains("for portable in fp32").contains("needs libtorch 2.3 or");
  }

  @Test
  void endsWithOneSentenceForWhatCantBeCompiled() throws IOException {
    CommandRun half = compile("--target", "cpu", "--precision", "fp16");
    assertThat(half.exitCode()).isEqualTo(Main.BAD_INPUT);
    assertThat(half.err()).startsWith("--precision: cpu computes in fp32 or bf16, not in fp16");

    CommandRun missing =
        CommandRun.of("model", "compile", "none.safetensors", "-o", directory.resolve("a.pt"));
    assertThat(missing.exitCode()).isEqualTo(Main.BAD_INPUT);
    assertThat(missing.err().strip()).isEqualTo("atrous: There is no model file none.safetensors");

    Path nowhere = directory.resolve("nowhere").resolve("a.pt");
    CommandRun unwritable = CommandRun.of("model", "compile", Model.SHIPPED, "-o", nowhere);
    assertThat(unwritable.exitCode()).isEqualTo(Main.BAD_INPUT);
    assertThat(unwritable.err().strip())
        .isEqualTo(
            "atrous: --output: cannot write %s: there is no folder %s"
                .formatted(nowhere, nowhere.getParent()));
  }

  private CommandRun compile(Object... options) {
    Object[] arguments = new Object[options.length + 5];
    arguments[0] = "model";
    arguments[1] = "compile";
    arguments[2] = Model.SHIPPED;
    arguments[3] = "-o";
    arguments[4] = directory.resolve("street.pt");
    System.arraycopy(options, 0, arguments, 5, options.length);
    return CommandRun.of(arguments);
  }
}
