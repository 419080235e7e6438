package io.atrous.inference.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;

import io.atrous.inference.DeviceMemoryException;
import io.atrous.inference.EngineFailedException;
import io.atrous.network.Precision;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A network for images of one size, ready to run in batches of several sizes with the same weights.
 * Batches that are made together share an arena, which only one of them needs at a time.
 *
 * <p><b>Threading:</b> confined to the thread that made it. It owns its native memory until {@link
 * #close}.
 */
final class OneDnnNetwork implements AutoCloseable {

  /**
   * In eight bits images run one by one, since oneDNN's kernels scale the sums of several images in
   * an order of their own: a last bit of fp32 that differs may tip the rounding to eight bits.
   */
  private static final List<Integer> ONE_BY_ONE = List.of(1);

  private final Handles handles = new Handles();
  private final NetworkSource source;
  private final Precision precision;
  private final int type;
  private final Primitives primitives;
  private final PackedWeights weights;
  private final Constants constants;
  private final List<ReadyBatch> batches = new ArrayList<>();

  /** Single images of other sizes, made when one is asked for. */
  private final Map<List<Integer>, ReadyBatch> singles = new HashMap<>();

  /**
   * Makes the primitives.
   *
   * @param batchSizes the numbers of images that are run at once, with 1 among them
   * @param threads the number of cores that a call may use
   * @throws DeviceMemoryException if it does not fit
   * @throws EngineFailedException if oneDNN has no kernel for the network here, or this processor
   *     multiplies no numbers of eight bits and they are asked for
   * @throws io.atrous.model.ModelFileException if the weights are damaged
   */
  OneDnnNetwork(
      NetworkSource source,
      Precision precision,
      List<Integer> batchSizes,
      int height,
      int width,
      int threads) {
    OneDnn.useThreads(threads);
    this.source = precision == Precision.INT8 ? source : source.with(null);
    this.precision = precision;
    this.type = type(precision);
    try {
      primitives = handles.own(new Primitives(), Primitives::close);
      weights =
          handles.own(new PackedWeights(primitives, source.convolutions()), PackedWeights::close);
      constants = handles.own(new Constants(primitives), Constants::close);
      addBatches(batchSizes, height, width);
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  /**
   * Makes the network ready for further sizes of batches.
   *
   * @param batchSizes the numbers of images that are run at once; those that are there stay
   * @throws DeviceMemoryException if they do not fit
   */
  void addBatches(List<Integer> batchSizes, int height, int width) {
    List<Integer> missing = new ArrayList<>(precision == Precision.INT8 ? ONE_BY_ONE : batchSizes);
    batches.forEach(batch -> missing.remove((Object) batch.size()));
    if (!missing.isEmpty()) {
      batches.addAll(ready(missing, height, width));
    }
  }

  /** Makes batches of images of one size, in an arena of their own. */
  private List<ReadyBatch> ready(List<Integer> batchSizes, int height, int width) {
    List<NetworkPlan> plans = new ArrayList<>();
    long bytes = 0;
    for (int size : batchSizes) {
      NetworkPlan plan =
          new NetworkPlan(source, primitives, weights, constants, type, false, size, height, width);
      bytes = Math.max(bytes, plan.primitives().place());
      plans.add(plan);
    }
    NativeBlock arena = handles.own(new NativeBlock(bytes), NativeBlock::close);
    PixelTable table = new PixelTable(source.normalization(), primitives, type);
    LabelChoice choice = LabelChoice.of(plans.get(0), source.alignCorners());
    return plans.stream()
        .map(plan -> new ReadyBatch(plan, primitives, arena, table, choice))
        .toList();
  }

  /** Returns an image of any size, ready to run. */
  ReadyBatch single(int height, int width) {
    return singles.computeIfAbsent(
        List.of(height, width), size -> ready(List.of(1), height, width).get(0));
  }

  private static int type(Precision precision) {
    return switch (precision) {
      case FP32 -> dnnl_f32;
      case BF16 -> dnnl_bf16;
      case FP16 -> dnnl_f16;
      case INT8 -> typeBesideInt8();
    };
  }

  /** The type of what is not in eight bits. */
  private static int typeBesideInt8() {
    if (!OneDnn.hasInt8()) {
      // Without VNNI oneDNN adds two products in 16 bits, which overflow.
      throw new EngineFailedException(
          "this processor has no instructions (VNNI) that multiply numbers of eight bits exactly",
          null);
    }
    return OneDnn.hasBf16() ? dnnl_bf16 : dnnl_f32;
  }

  /** Returns the largest batch of at most so many images. */
  ReadyBatch batchWithin(int images) {
    ReadyBatch largest = batches.get(0);
    for (ReadyBatch batch : batches) {
      if (batch.size() <= images && batch.size() > largest.size()) {
        largest = batch;
      }
    }
    return largest;
  }

  @Override
  public void close() {
    handles.close();
  }
}
