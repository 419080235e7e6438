package io.atrous.inference.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.inference.NetworkRuntime.ReadyNetwork;
import io.atrous.network.ConvUnit;
import io.atrous.network.NaiveOperations;
import io.atrous.network.NaiveOperations.Planes;
import io.atrous.network.NetworkGraph;
import io.atrous.network.NetworkGraph.Value;
import io.atrous.network.Precision;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Graphs that no network of ours has, but {@link NetworkGraph} allows. */
class NetworkPlanTest {

  private static final int WIDTH = 8;

  private final NetworkGraph graph = new NetworkGraph();
  private final Random random = new Random(20261128);

  @Test
  void computesEveryOperationAsItsMeaningSays() {
    Value stem =
        graph.convolution(
            new ConvUnit("stem", null, 3, WIDTH, 7, 2, 1, false, true), graph.input());
    Value pool = graph.maxPool(stem);
    Value dilated = convolution(3, 2, true, pool);
    Value sum = graph.addRelu(convolution(3, 1, false, dilated), pool);
    Value image = graph.resize(convolution(1, 1, true, graph.globalAveragePool(sum)), sum, true);
    Value joined =
        graph.convolution(
            new ConvUnit("joined", null, 2 * WIDTH, WIDTH, 1, 1, 1, false, true),
            graph.concat(List.of(sum, image)));
    Value up = graph.resize(joined, stem, false);

    assertComputes(logits(graph.concat(List.of(up, stem)), 2 * WIDTH));
  }

  @Test
  void leavesAResidualAloneThatIsReadLater() {
    Value residual = graph.maxPool(convolution(3, 1, true, stem()));
    Value sum =
        graph.addRelu(convolution(3, 1, false, convolution(3, 1, true, residual)), residual);

    assertComputes(logits(graph.concat(List.of(sum, residual)), 2 * WIDTH));
  }

  @Test
  void leavesAResidualAloneThatTheFusedConvolutionItselfReads() {
    Value residual = stem();
    Value sum = graph.addRelu(convolution(3, 1, false, residual), residual);

    assertComputes(logits(sum, WIDTH));
  }

  /** It runs where the second addition stands, long after it was recorded. */
  @Test
  void leavesAResidualAloneThatAConvolutionReadsWhichIsFusedIntoALaterAddition() {
    Value stem = stem();
    Value delayed = convolution(3, 1, false, stem);
    Value first = graph.addRelu(convolution(3, 1, false, convolution(1, 1, true, stem)), stem);
    Value second = graph.addRelu(delayed, first);

    assertComputes(logits(second, WIDTH));
  }

  @Test
  void addsWhatNoConvolutionCanTakeIn() {
    Value pool = graph.maxPool(stem());
    Value other = convolution(1, 1, true, pool);

    assertComputes(logits(graph.addRelu(pool, other), WIDTH));
  }

  @Test
  void joinsWhatIsReadElsewhereToo() {
    Value stem = stem();
    Value joined = graph.concat(List.of(stem, stem, convolution(1, 1, false, stem)));

    assertComputes(logits(joined, 3 * WIDTH));
  }

  private Value stem() {
    return graph.convolution(
        new ConvUnit("stem", null, 3, WIDTH, 3, 2, 1, false, true), graph.input());
  }

  private Value convolution(int kernel, int dilation, boolean relu, Value input) {
    String name = "c" + graph.steps().size();
    return graph.convolution(
        new ConvUnit(name, null, WIDTH, WIDTH, kernel, 1, dilation, false, relu), input);
  }

  private Value logits(Value input, int channels) {
    return graph.convolution(ConvUnit.plain("classifier", channels, 5), input);
  }

  private void assertComputes(Value output) {
    for (boolean alignCorners : new boolean[] {true, false}) {
      try (ReadyNetwork network =
          new OneDnnRuntime(Precision.FP32)
              .ready(graph, output, alignCorners, NaiveOperations::randomWeights)) {
        for (int[] size : new int[][] {{33, 41}, {20, 9}, {1, 1}}) {
          Planes image = Planes.random(3, size[0], size[1], random);
          NaiveOperations naive = new NaiveOperations(NaiveOperations::randomWeights);
          Planes expected = naive.resize(naive.evaluate(graph, output, image), image, alignCorners);

          assertThat(
                  relativeError(
                      network.logits(image.values(), 1, size[0], size[1]), expected.values()))
              .as("%dx%d", size[0], size[1])
              .isLessThan(1e-5);
        }
      }
    }
  }

  private static double relativeError(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow(actual[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / norm);
  }
}
