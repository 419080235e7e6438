package io.atrous.inference.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;

import io.atrous.inference.DeviceMemoryException;
import io.atrous.network.Precision;
import java.util.ArrayList;
import java.util.List;

/**
 * A network for images of one size, ready to run in batches of several sizes: with the same weights
 * and in the same arena, which only one of them needs at a time.
 *
 * <p><b>Threading:</b> confined to the thread that made it. It owns its native memory until {@link
 * #close}.
 */
final class OneDnnNetwork implements AutoCloseable {

  private final Handles handles = new Handles();
  private final List<ReadyBatch> batches = new ArrayList<>();

  /**
   * Makes the primitives.
   *
   * @param batchSizes the numbers of images that are run at once, with 1 among them
   * @param threads the number of cores that a call may use
   * @throws DeviceMemoryException if it does not fit
   * @throws io.atrous.inference.EngineFailedException if oneDNN has no kernel for the network here
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
    try {
      make(source, type(precision), batchSizes, height, width);
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  private void make(
      NetworkSource source, int type, List<Integer> batchSizes, int height, int width) {
    Primitives primitives = handles.own(new Primitives(), Primitives::close);
    PackedWeights weights =
        handles.own(new PackedWeights(primitives, source.convolutions()), PackedWeights::close);
    Constants constants = handles.own(new Constants(primitives), Constants::close);
    List<NetworkPlan> plans = new ArrayList<>();
    long bytes = 0;
    for (int size : batchSizes) {
      NetworkPlan plan =
          new NetworkPlan(source, primitives, weights, constants, type, size, height, width);
      bytes = Math.max(bytes, plan.primitives().place());
      plans.add(plan);
    }
    NativeBlock arena = handles.own(new NativeBlock(bytes), NativeBlock::close);
    PixelTable table = new PixelTable(source.normalization(), primitives, type);
    Tensor coarse = plans.get(0).logits();
    LabelChoice choice =
        new LabelChoice(
            Math.toIntExact(coarse.channels()),
            Interpolation.of(coarse.height(), height, source.alignCorners()),
            Interpolation.of(coarse.width(), width, source.alignCorners()));
    for (NetworkPlan plan : plans) {
      batches.add(new ReadyBatch(plan, primitives, arena, table, choice));
    }
  }

  private static int type(Precision precision) {
    return switch (precision) {
      case FP32 -> dnnl_f32;
      case BF16 -> dnnl_bf16;
      case FP16 -> dnnl_f16;
    };
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
