package io.atrous.inference.torch;

import ai.djl.Device;
import io.atrous.model.Normalization;
import io.atrous.model.ProgramSpec;
import io.atrous.network.ConvUnit;
import io.atrous.network.DeepLabV3Plus;
import io.atrous.network.FoldedConvolution;
import io.atrous.network.NetworkGraph;
import io.atrous.network.NetworkGraph.Value;
import io.atrous.network.Precision;
import io.atrous.network.Weights;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;

/**
 * Compiles a network: for the device it will run on, by way of a private temporary file that is
 * deleted as soon as it is loaded; or as an archive for whoever runs it.
 *
 * <p><b>Threading:</b> immutable; the modules it makes are confined to the calling thread.
 */
final class TorchScriptCompiler {

  private final Path directory;

  /**
   * A compiler.
   *
   * @param directory where archives live for the moment; those that crashed processes left there
   *     are deleted
   * @throws IOException if the directory can't be read
   */
  TorchScriptCompiler(Path directory) throws IOException {
    this.directory = directory;
    TemporaryArchive.removeLeftovers(directory);
  }

  /**
   * Compiles a network.
   *
   * @param weights which network, and its numbers
   * @param normalization what the module's {@code segment} does to pixels first
   * @param device where the module will run
   * @throws IOException if the temporary file can't be written
   * @throws io.atrous.model.ModelFileException if the weights are damaged
   * @throws ai.djl.engine.EngineException if the device or this build of PyTorch doesn't know what
   *     the variant calls
   */
  TorchScriptModule compile(
      Weights weights, Normalization normalization, TorchScriptVariant variant, Device device)
      throws IOException {
    return compile(weights, normalization, variant, ConvolutionKernels.PLAIN, device);
  }

  /**
   * The same with kernels of its own for each convolution.
   *
   * @param chosen matters to {@link TorchScriptVariant.Kernels#CUDNN} alone
   */
  TorchScriptModule compile(
      Weights weights,
      Normalization normalization,
      TorchScriptVariant variant,
      ConvolutionKernels chosen,
      Device device)
      throws IOException {
    return load(out -> write(weights, normalization, variant, chosen, Map.of(), out), device);
  }

  /**
   * Writes a compiled network as a TorchScript archive, for whoever runs it.
   *
   * @param weights which network, and its numbers
   * @param normalization what the module's {@code segment} does to pixels first
   * @param extraFiles texts that travel along, by name: {@code _extra_files} of PyTorch's loader
   * @param out is flushed, not closed
   * @throws io.atrous.model.ModelFileException if the weights are damaged
   */
  static void write(
      Weights weights,
      Normalization normalization,
      TorchScriptVariant variant,
      Map<String, String> extraFiles,
      OutputStream out)
      throws IOException {
    write(weights, normalization, variant, ConvolutionKernels.PLAIN, extraFiles, out);
  }

  private static void write(
      Weights weights,
      Normalization normalization,
      TorchScriptVariant variant,
      ConvolutionKernels chosen,
      Map<String, String> extraFiles,
      OutputStream out)
      throws IOException {
    NetworkGraph graph = new NetworkGraph();
    Value coarseLogits = new DeepLabV3Plus(weights.network()).coarseLogits(graph, graph.input());
    write(
        graph,
        coarseLogits,
        weights.network().alignCorners(),
        normalization,
        weights::folded,
        variant,
        chosen,
        extraFiles,
        out);
  }

  TorchScriptModule compile(
      NetworkGraph graph,
      Value coarseLogits,
      boolean alignCorners,
      Normalization normalization,
      Function<ConvUnit, FoldedConvolution> weights,
      TorchScriptVariant variant,
      ConvolutionKernels chosen,
      Device device)
      throws IOException {
    return load(
        out ->
            write(
                graph,
                coarseLogits,
                alignCorners,
                normalization,
                weights,
                variant,
                chosen,
                Map.of(),
                out),
        device);
  }

  private static void write(
      NetworkGraph graph,
      Value coarseLogits,
      boolean alignCorners,
      Normalization normalization,
      Function<ConvUnit, FoldedConvolution> weights,
      TorchScriptVariant variant,
      ConvolutionKernels chosen,
      Map<String, String> extraFiles,
      OutputStream out)
      throws IOException {
    TorchScriptProgram program =
        TorchScriptEmitter.emit(
            graph, coarseLogits, alignCorners, normalization, variant.kernels(), chosen);
    TorchScriptArchive.write(program, weights, variant.precision(), extraFiles, out);
  }

  /**
   * Compiles what surrounds a network that is not ours.
   *
   * @param program how that network takes images and gives logits
   */
  TorchScriptModule compilePrePost(Normalization normalization, ProgramSpec program, Device device)
      throws IOException {
    return compile(
        PixelCode.program(normalization, program),
        unit -> {
          throw new IllegalStateException("there is no convolution " + unit.name());
        },
        Precision.FP32,
        device);
  }

  /** Compiles a program that is emitted already. */
  TorchScriptModule compile(
      TorchScriptProgram program,
      Function<ConvUnit, FoldedConvolution> weights,
      Precision precision,
      Device device)
      throws IOException {
    return load(
        out -> TorchScriptArchive.write(program, weights, precision, Map.of(), out), device);
  }

  private interface Content {
    void write(OutputStream out) throws IOException;
  }

  private TorchScriptModule load(Content content, Device device) throws IOException {
    try (TemporaryArchive archive = TemporaryArchive.create(directory)) {
      content.write(archive.content());
      return TorchScriptModule.load(archive.path(), device);
    }
  }
}
