package io.atrous.inference.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.inference.NetworkRuntime.ReadyNetwork;
import io.atrous.network.NaiveOperations;
import io.atrous.network.NaiveOperations.Planes;
import io.atrous.network.NetworkGraph;
import io.atrous.network.NetworkGraph.Value;
import io.atrous.network.Precision;
import io.atrous.network.RelativeError;
import io.atrous.network.SampleGraph;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Graphs that no network of ours has, but {@link NetworkGraph} allows. */
class NetworkPlanTest {

  private final NetworkGraph graph = new NetworkGraph();
  private final SampleGraph sample = new SampleGraph(graph);
  private final Random random = new Random(20261128);

  @Test
  void computesEveryOperationAsItsMeaningSays() {
    assertComputes(sample.everyOperation());
  }

  @Test
  void leavesAResidualAloneThatIsReadLater() {
    Value residual = graph.maxPool(sample.convolution(3, 1, true, sample.stem()));
    Value sum = sample.residualBlock(residual);

    assertComputes(sample.logits(graph.concat(List.of(sum, residual)), 2 * SampleGraph.WIDTH));
  }

  @Test
  void leavesAResidualAloneThatTheFusedConvolutionItselfReads() {
    Value residual = sample.stem();
    Value sum = graph.addRelu(sample.convolution(3, 1, false, residual), residual);

    assertComputes(sample.logits(sum, SampleGraph.WIDTH));
  }

  /** It runs where the second addition stands, long after it was recorded. */
  @Test
  void leavesAResidualAloneThatAConvolutionReadsWhichIsFusedIntoALaterAddition() {
    Value stem = sample.stem();
    Value delayed = sample.convolution(3, 1, false, stem);
    Value first =
        graph.addRelu(sample.convolution(3, 1, false, sample.convolution(1, 1, true, stem)), stem);
    Value second = graph.addRelu(delayed, first);

    assertComputes(sample.logits(second, SampleGraph.WIDTH));
  }

  @Test
  void addsWhatNoConvolutionCanTakeIn() {
    Value pool = graph.maxPool(sample.stem());
    Value other = sample.convolution(1, 1, true, pool);

    assertComputes(sample.logits(graph.addRelu(pool, other), SampleGraph.WIDTH));
  }

  @Test
  void joinsWhatIsReadElsewhereToo() {
    Value stem = sample.stem();
    Value joined = graph.concat(List.of(stem, stem, sample.convolution(1, 1, false, stem)));

    assertComputes(sample.logits(joined, 3 * SampleGraph.WIDTH));
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
                  RelativeError.of(
                      network.logits(image.values(), 1, size[0], size[1]), expected.values()))
              .as("%dx%d", size[0], size[1])
              .isLessThan(1e-5);
        }
      }
    }
  }
}
