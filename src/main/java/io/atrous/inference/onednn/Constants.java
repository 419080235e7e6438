package io.atrous.inference.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_abc;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_get_size;

import org.bytedeco.dnnl.dnnl_memory_desc;

/**
 * Small tensors that never change.
 *
 * <p><b>Threading:</b> confined to one thread. It owns the memory until {@link #close}.
 */
final class Constants implements AutoCloseable {

  private final Primitives primitives;
  private final Handles handles = new Handles();

  Constants(Primitives primitives) {
    this.primitives = primitives;
  }

  /**
   * Stores a matrix and returns its address.
   *
   * @param numbers [rows, columns], row-major
   * @param layout [1, rows, columns], of any type
   */
  long matrix(float[] numbers, long rows, long columns, dnnl_memory_desc layout) {
    NativeBlock stored = owned(new NativeBlock(dnnl_memory_desc_get_size(layout)));
    try (NativeBlock plain = NativeBlock.of(numbers)) {
      primitives.copyNow(
          primitives.layout(dnnl_f32, dnnl_abc, 1, rows, columns),
          plain.address(),
          layout,
          stored.address());
    }
    return stored.address();
  }

  /** Stores numbers and returns their address. */
  long numbers(float... numbers) {
    return owned(NativeBlock.of(numbers)).address();
  }

  private NativeBlock owned(NativeBlock block) {
    return handles.own(block, NativeBlock::close);
  }

  @Override
  public void close() {
    handles.close();
  }
}
