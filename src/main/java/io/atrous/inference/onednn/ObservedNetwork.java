package io.atrous.inference.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;

import io.atrous.model.Normalization;
import io.atrous.network.ConvUnit;
import io.atrous.network.NetworkGraph.Concat;
import io.atrous.network.NetworkGraph.Value;
import io.atrous.network.Weights;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A network in fp32 that shows what is between its layers: for calibrating it.
 *
 * <p><b>Threading:</b> confined to the thread that made it. It owns its native memory until {@link
 * #close}.
 */
public final class ObservedNetwork implements AutoCloseable {

  private final Handles handles = new Handles();
  private final NetworkSource source;
  private final ReadyBatch single;
  private final List<Observed> observed = new ArrayList<>();

  /**
   * A tensor between layers.
   *
   * @param name the name, by which a calibration knows its scale
   * @param positive whether its numbers are never negative
   * @param joinedInto the name of the concatenation that alone reads it, with which it shares its
   *     scale, so that joining rounds nothing; its own name if it is read otherwise
   */
  public record Activation(String name, boolean positive, String joinedInto) {}

  /** Sees the numbers of a tensor, which are the next image's afterwards. */
  @FunctionalInterface
  public interface Observer {
    void see(Activation activation, FloatBuffer numbers);
  }

  private record Observed(Activation activation, FloatBuffer numbers) {}

  /**
   * Makes a network ready.
   *
   * @param threads the number of cores that a call may use
   * @throws io.atrous.inference.EngineFailedException if oneDNN does not run it here
   * @throws io.atrous.inference.DeviceMemoryException if it does not fit
   */
  public ObservedNetwork(
      Weights weights, Normalization normalization, int height, int width, int threads) {
    this(NetworkSource.of(weights, normalization, null), height, width, threads);
  }

  ObservedNetwork(NetworkSource source, int height, int width, int threads) {
    OneDnn.useThreads(threads);
    this.source = source;
    try {
      Primitives primitives = handles.own(new Primitives(), Primitives::close);
      NetworkPlan plan =
          new NetworkPlan(
              source,
              primitives,
              handles.own(
                  new PackedWeights(primitives, source.convolutions()), PackedWeights::close),
              handles.own(new Constants(primitives), Constants::close),
              dnnl_f32,
              true,
              1,
              height,
              width);
      NativeBlock arena =
          handles.own(new NativeBlock(plan.primitives().place()), NativeBlock::close);
      single =
          new ReadyBatch(
              plan,
              primitives,
              arena,
              new PixelTable(source.normalization(), primitives, dnnl_f32),
              LabelChoice.of(plan, source.alignCorners()));
      observe(plan, arena);
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  private void observe(NetworkPlan plan, NativeBlock arena) {
    EightBits signs = new EightBits(source, Map.of());
    Map<Integer, String> joined = joined();
    // Neither the image nor the logits are ever in eight bits.
    plan.all()
        .subMap(1, source.coarseLogits().index())
        .forEach(
            (place, tensor) -> {
              String name = source.graph().name(new Value(place));
              observed.add(
                  new Observed(
                      new Activation(
                          name, signs.isPositive(place), joined.getOrDefault(place, name)),
                      arena
                          .bytes(tensor.buffer().offset(), Math.toIntExact(tensor.buffer().bytes()))
                          .asFloatBuffer()));
            });
  }

  /** The names of concatenations by the values that only they read. */
  private Map<Integer, String> joined() {
    Map<Integer, Integer> reads = new HashMap<>();
    Map<Integer, String> joined = new HashMap<>();
    for (int place = 0; place <= source.coarseLogits().index(); place++) {
      for (Value operand : source.graph().steps().get(place).operands()) {
        reads.merge(operand.index(), 1, Integer::sum);
        if (source.graph().steps().get(place) instanceof Concat) {
          joined.put(operand.index(), source.graph().name(new Value(place)));
        }
      }
    }
    joined.keySet().removeIf(place -> reads.getOrDefault(place, 0) > 1);
    return joined;
  }

  /**
   * Runs the network on an image and shows what is between its layers.
   *
   * @param image uint8 [H, W, 3]
   */
  public void run(ByteBuffer image, Observer observer) {
    single.put(0, image);
    single.run();
    observed.forEach(each -> observer.see(each.activation, each.numbers.duplicate()));
  }

  /** The scales of the weights of each convolution that gains by computing in eight bits. */
  public Map<String, List<Float>> weightScales() {
    Map<String, List<Float>> scales = new TreeMap<>();
    for (ConvUnit unit : source.convolutionsBetween()) {
      List<Float> channels = new ArrayList<>();
      for (float scale :
          EightBitNumbers.scales(source.convolutions().apply(unit).weight(), unit.outChannels())) {
        channels.add(scale);
      }
      scales.put(unit.name(), channels);
    }
    return scales;
  }

  @Override
  public void close() {
    handles.close();
  }
}
