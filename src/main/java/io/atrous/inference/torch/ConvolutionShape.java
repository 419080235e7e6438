package io.atrous.inference.torch;

import io.atrous.model.NetworkSpec;
import io.atrous.network.ConvUnit;
import io.atrous.network.CostModel;
import io.atrous.network.CostModel.Features;
import io.atrous.network.CostModel.Layer;
import io.atrous.network.DeepLabV3Plus;
import io.atrous.network.NetworkGraph;
import io.atrous.network.NetworkGraph.Convolution;
import io.atrous.network.NetworkGraph.Value;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What decides how fast a convolution is: convolutions of equal shapes have equal kernels.
 *
 * @param unit the convolution with its batch norm folded in, and without its name
 * @param input of one image
 * @param output of one image
 * @param batchSize how many images
 * @param residual whether a residual is added, and a ReLU follows
 */
record ConvolutionShape(
    ConvUnit unit, Features input, Features output, int batchSize, boolean residual) {

  /**
   * The shapes of a network's convolutions, in the order they are run in.
   *
   * @param height of the image, in pixels
   * @param width of the image, in pixels
   */
  static Map<ConvUnit, ConvolutionShape> of(
      NetworkSpec network, int batchSize, int height, int width) {
    Set<ConvUnit> withResidual = withResidual(network);
    Map<ConvUnit, ConvolutionShape> shapes = new LinkedHashMap<>();
    for (Layer layer : CostModel.of(network, height, width).layers()) {
      ConvUnit unit = layer.unit();
      ConvUnit nameless =
          new ConvUnit(
              "convolution",
              null,
              unit.inChannels(),
              unit.outChannels(),
              unit.kernel(),
              unit.stride(),
              unit.dilation(),
              true,
              unit.relu());
      shapes.put(
          unit,
          new ConvolutionShape(
              nameless, layer.input(), layer.output(), batchSize, withResidual.contains(unit)));
    }
    return shapes;
  }

  private static Set<ConvUnit> withResidual(NetworkSpec network) {
    NetworkGraph graph = new NetworkGraph();
    Value logits = new DeepLabV3Plus(network).coarseLogits(graph, graph.input());
    Set<ConvUnit> units = new HashSet<>();
    for (int place : graph.fusibleAdditions(logits, false).values()) {
      if (graph.steps().get(place) instanceof Convolution convolution) {
        units.add(convolution.unit());
      }
    }
    return units;
  }

  /** The same for as many images. */
  ConvolutionShape inBatches(int images) {
    return new ConvolutionShape(unit, input, output, images, residual);
  }

  /** Of all images; twice as many floating-point operations. */
  long multiplyAdds() {
    return batchSize * new Layer(unit, input, output).multiplyAdds();
  }

  /** The kernels that compute it, plain ones first: fused ones end in a ReLU. */
  List<ConvolutionKernel> candidates() {
    return unit.relu() || residual
        ? List.of(ConvolutionKernel.values())
        : List.of(ConvolutionKernel.PLAIN, ConvolutionKernel.PLAIN_CONTIGUOUS);
  }

  @Override
  public String toString() {
    return "%dx%d, stride %d, dilation %d, %d to %d channels of %d x %dx%d%s"
        .formatted(
            unit.kernel(),
            unit.kernel(),
            unit.stride(),
            unit.dilation(),
            unit.inChannels(),
            unit.outChannels(),
            batchSize,
            input.height(),
            input.width(),
            residual ? ", with residual" : "");
  }
}
