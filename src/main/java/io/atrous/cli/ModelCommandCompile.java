package io.atrous.cli;

import io.atrous.inference.torch.TorchScriptExport;
import io.atrous.inference.torch.TorchScriptExport.Target;
import io.atrous.model.Model;
import io.atrous.model.ModelFile;
import io.atrous.model.ModelFileException;
import io.atrous.network.Precision;
import io.atrous.settings.StartException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code atrous model compile}: a model as TorchScript for other runtimes. */
@Command(
    name = "compile",
    description =
        "Writes a model as a TorchScript archive for other runtimes: PyTorch, libtorch, Triton.",
    footer = {
      "",
      "forward takes normalised images, float32 [N, 3, H, W], and gives logits, float32 [N, classes,"
          + " H, W]:",
      "  torch.jit.load(\"FILE.pt\")(x)",
      "docs/models.md has more."
    },
    showDefaultValues = true)
final class ModelCommandCompile implements Callable<Integer> {

  @Mixin private Invocation invocation = new Invocation();

  @Parameters(
      showDefaultValue = Visibility.NEVER,
      paramLabel = "MODEL",
      description = "A model file, or " + Model.SHIPPED + " for the one in the jar.")
  private String model = "";

  @Option(
      names = {"-o", "--output"},
      required = true,
      showDefaultValue = Visibility.NEVER,
      paramLabel = "FILE",
      description = "The archive to write.")
  private Path output = Path.of("");

  @Option(
      names = "--target",
      paramLabel = "TARGET",
      description = {
        "portable: plain fp32; needs libtorch 2.3 or newer, on any device.",
        "cpu: oneDNN's fused kernels, faster after one call of prepare(); needs libtorch 2.3 or"
            + " newer with oneDNN, as its releases for x86-64 are.",
        "cuda: half precision; needs libtorch 2.3 or newer with CUDA."
      })
  private Target target = Target.PORTABLE;

  @Option(
      names = "--precision",
      paramLabel = "PRECISION",
      description = {
        "What the network computes in: fp32, bf16 or (not on cpu) fp16. Input and output are float32"
            + " all the same.",
        "  Default: fp32, for cuda fp16"
      })
  private @Nullable Precision precision;

  @Override
  public Integer call() {
    TorchScriptExport export = export();
    OutputFile.requireWritable("--output", output);
    if (!(Model.named(model) instanceof ModelFile file)) {
      throw new ModelFileException(model + " is a TorchScript file already");
    }
    try {
      export.write(file, output);
      report(file, export);
    } catch (IOException e) {
      throw new StartException("--output: cannot write " + output + ": " + e, e);
    }
    return 0;
  }

  private TorchScriptExport export() {
    return invocation.made(
        "--precision",
        () ->
            new TorchScriptExport(target, precision == null ? target.usualPrecision() : precision));
  }

  private void report(ModelFile file, TorchScriptExport export) throws IOException {
    PrintWriter out = invocation.out();
    out.printf(
        Locale.ROOT,
        "%s: %s %s for %s in %s, %.1f MB; needs %s%n",
        output,
        file.spec().name(),
        file.spec().version(),
        target.label(),
        export.precision().label(),
        Files.size(output) / 1e6,
        target.requirement());
    out.flush();
  }
}
