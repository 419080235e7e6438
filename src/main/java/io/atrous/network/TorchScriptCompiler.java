package io.atrous.network;

import ai.djl.Device;
import io.atrous.model.Normalization;
import io.atrous.network.NetworkGraph.Value;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * Compiles a network for the device it will run on: emits it, writes it to a private temporary
 * file, loads that and deletes it.
 *
 * <p><b>Threading:</b> immutable; the modules it makes are confined to the calling thread.
 */
public final class TorchScriptCompiler {

  private final Path directory;

  /**
   * A compiler.
   *
   * @param directory where archives live for the moment; those that crashed processes left there
   *     are deleted
   * @throws IOException if the directory can't be read
   */
  public TorchScriptCompiler(Path directory) throws IOException {
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
  public TorchScriptModule compile(
      Weights weights, Normalization normalization, TorchScriptVariant variant, Device device)
      throws IOException {
    NetworkGraph graph = new NetworkGraph();
    Value coarseLogits = new DeepLabV3Plus(weights.network()).coarseLogits(graph, graph.input());
    return compile(
        graph,
        coarseLogits,
        weights.network().alignCorners(),
        normalization,
        weights::folded,
        variant,
        device);
  }

  TorchScriptModule compile(
      NetworkGraph graph,
      Value coarseLogits,
      boolean alignCorners,
      Normalization normalization,
      Function<ConvUnit, FoldedConvolution> weights,
      TorchScriptVariant variant,
      Device device)
      throws IOException {
    TorchScriptProgram program =
        TorchScriptEmitter.emit(graph, coarseLogits, alignCorners, normalization, variant);
    try (TemporaryArchive archive = TemporaryArchive.create(directory)) {
      OutputStream content = archive.content();
      TorchScriptArchive.write(program, weights, content);
      return TorchScriptModule.load(archive.path(), device);
    }
  }
}
