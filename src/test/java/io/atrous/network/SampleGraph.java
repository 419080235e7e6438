package io.atrous.network;

import io.atrous.network.NetworkGraph.Value;
import java.util.List;

/** Graphs that no network of ours has, but {@link NetworkGraph} allows, of few channels. */
public final class SampleGraph {

  /** The channels of all but the image and the logits. */
  public static final int WIDTH = 8;

  private static final int CLASSES = 5;

  private final NetworkGraph graph;

  /**
   * @param graph where steps are recorded
   */
  public SampleGraph(NetworkGraph graph) {
    this.graph = graph;
  }

  /** Halves the image. */
  public Value stem() {
    return stem(3);
  }

  private Value stem(int kernel) {
    return graph.convolution(
        new ConvUnit("stem", null, 3, WIDTH, kernel, 2, 1, false, true), graph.input());
  }

  /** A convolution that keeps the size. */
  public Value convolution(int kernel, int dilation, boolean relu, Value input) {
    String name = "c" + graph.steps().size();
    return graph.convolution(
        new ConvUnit(name, null, WIDTH, WIDTH, kernel, 1, dilation, false, relu), input);
  }

  /** The classifier. */
  public Value logits(Value input, int channels) {
    return graph.convolution(ConvUnit.plain("classifier", channels, CLASSES), input);
  }

  /** Records each of the operations once at least, and returns the logits. */
  public Value everyOperation() {
    Value stem = stem(7);
    Value pool = graph.maxPool(stem);
    Value dilated = convolution(3, 2, true, pool);
    Value sum = graph.addRelu(convolution(3, 1, false, dilated), pool);
    Value image = graph.resize(convolution(1, 1, true, graph.globalAveragePool(sum)), sum, true);
    Value joined =
        graph.convolution(
            new ConvUnit("joined", null, 2 * WIDTH, WIDTH, 1, 1, 1, false, true),
            graph.concat(List.of(sum, image)));
    Value up = graph.resize(joined, stem, false);
    return logits(graph.concat(List.of(up, stem)), 2 * WIDTH);
  }

  /** A block that adds what two convolutions make of something to it. */
  public Value residualBlock(Value residual) {
    return graph.addRelu(convolution(3, 1, false, convolution(3, 1, true, residual)), residual);
  }
}
