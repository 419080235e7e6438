package io.atrous.inference.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_equal;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_get_size;
import static org.bytedeco.dnnl.global.dnnl.dnnl_oihw;
import static org.bytedeco.dnnl.global.dnnl.dnnl_s8;

import io.atrous.network.ConvUnit;
import io.atrous.network.FoldedConvolution;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of convolutions as their kernels want them: brought into a layout once, for all sizes
 * of batches that want the same.
 *
 * <p><b>Threading:</b> confined to one thread. It owns the memory until {@link #close}.
 */
final class PackedWeights implements AutoCloseable {

  private final Primitives primitives;
  private final Function<ConvUnit, FoldedConvolution> convolutions;
  private final Handles handles = new Handles();
  private final Map<ConvUnit, List<Packed>> packed = new HashMap<>();

  /**
   * A convolution's numbers in one layout.
   *
   * @param weights the address of the weights
   * @param bias the address of the bias, float [channels]
   */
  record Packed(dnnl_memory_desc layout, long weights, long bias) {}

  PackedWeights(Primitives primitives, Function<ConvUnit, FoldedConvolution> convolutions) {
    this.primitives = primitives;
    this.convolutions = convolutions;
  }

  /**
   * Returns a convolution's numbers in a layout.
   *
   * @param scales those of the output channels, if the layout is of eight bits; else null
   */
  Packed of(ConvUnit unit, dnnl_memory_desc layout, float @Nullable [] scales) {
    List<Packed> layouts = packed.computeIfAbsent(unit, any -> new ArrayList<>());
    for (Packed known : layouts) {
      if (dnnl_memory_desc_equal(known.layout(), layout) != 0) {
        return known;
      }
    }
    FoldedConvolution convolution = convolutions.apply(unit);
    NativeBlock weights = owned(new NativeBlock(dnnl_memory_desc_get_size(layout)));
    try (NativeBlock plain =
        scales == null
            ? NativeBlock.of(convolution.weight())
            : NativeBlock.of(EightBitNumbers.quantized(convolution.weight(), scales))) {
      dnnl_memory_desc outInRowColumn =
          primitives.layout(
              scales == null ? dnnl_f32 : dnnl_s8,
              dnnl_oihw,
              unit.outChannels(),
              unit.inChannels(),
              unit.kernel(),
              unit.kernel());
      primitives.copyNow(outInRowColumn, plain.address(), layout, weights.address());
    }
    NativeBlock bias = owned(NativeBlock.of(convolution.bias()));
    Packed added = new Packed(layout, weights.address(), bias.address());
    layouts.add(added);
    return added;
  }

  private NativeBlock owned(NativeBlock block) {
    return handles.own(block, NativeBlock::close);
  }

  @Override
  public void close() {
    handles.close();
  }
}
