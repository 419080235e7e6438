package io.atrous.inference.torch;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.inference.torch.TorchScriptVariant.Kernels;
import io.atrous.model.ModelFile;
import io.atrous.model.ModelSpec;
import io.atrous.model.WholeFile;
import io.atrous.network.Precision;
import io.atrous.network.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A model compiled for a runtime that is not ours, as a TorchScript archive. What it is stands in
 * the archive as JSON, in the extra file {@value #ABOUT}.
 *
 * @param target which runtime
 * @param precision what the network computes in there
 */
public record TorchScriptExport(Target target, Precision precision) {

  /** Its name among {@code _extra_files} of PyTorch's loader. */
  public static final String ABOUT = "atrous.json";

  /** The oldest that archives are tried with: the one that Atrous itself runs on. */
  private static final String LEAST_VERSION = "2.3";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** What an archive is compiled for. */
  public enum Target {
    /** Whatever runs TorchScript: {@code conv2d} and what every release knows. */
    PORTABLE(Kernels.PLAIN, Precision.FP32, ""),
    /** A CPU, by oneDNN's fused convolutions, which are an internal of PyTorch's. */
    CPU(Kernels.ONEDNN, Precision.FP32, " with oneDNN, as its releases for x86-64 are"),
    /** A CUDA device. */
    CUDA(Kernels.PLAIN, Precision.FP16, " with CUDA");

    private final Kernels kernels;
    private final Precision usualPrecision;
    private final String features;

    Target(Kernels kernels, Precision usualPrecision, String features) {
      this.kernels = kernels;
      this.usualPrecision = usualPrecision;
      this.features = features;
    }

    /** What it computes in unless asked for another. */
    public Precision usualPrecision() {
      return usualPrecision;
    }

    /** What it can compute in: few processors have half precision. */
    private List<Precision> precisions() {
      return kernels == Kernels.ONEDNN
          ? List.of(Precision.FP32, Precision.BF16)
          : Precision.floating();
    }

    /** Whether {@code prepare()} is worth calling after loading. */
    public boolean preparable() {
      return kernels == Kernels.ONEDNN;
    }

    /** What it needs to run, such as {@code libtorch 2.3 or newer with CUDA}. */
    public String requirement() {
      return "libtorch " + LEAST_VERSION + " or newer" + features;
    }

    /** As a command line calls it. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What an archive says of itself. */
  private record About(
      ModelSpec model, String weightsSha256, String target, String precision, String requires) {}

  public TorchScriptExport {
    if (!target.precisions().contains(precision)) {
      throw new IllegalArgumentException(
          "%s computes in %s, not in %s"
              .formatted(
                  target.label(),
                  String.join(" or ", target.precisions().stream().map(Precision::label).toList()),
                  precision.label()));
    }
  }

  /**
   * Compiles a model into a file, whole or not at all.
   *
   * @throws IOException if it can't be written
   * @throws io.atrous.model.ModelFileException if the model can't be used
   */
  public void write(ModelFile model, Path file) throws IOException {
    Weights weights = Weights.of(model);
    About about =
        new About(
            model.spec(), model.sha256(), target.label(), precision.label(), target.requirement());
    Map<String, String> extraFiles = Map.of(ABOUT, JSON.writeValueAsString(about));
    TorchScriptVariant variant = new TorchScriptVariant(target.kernels, precision);
    WholeFile.write(
        file,
        out ->
            TorchScriptCompiler.write(
                weights, model.spec().normalization(), variant, extraFiles, out));
  }
}
