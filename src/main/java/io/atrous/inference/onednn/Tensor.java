package io.atrous.inference.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_s8;
import static org.bytedeco.dnnl.global.dnnl.dnnl_u8;

import org.bytedeco.dnnl.dnnl_memory_desc;

/**
 * A tensor of features in a buffer.
 *
 * @param type one of oneDNN's types of numbers
 * @param scale the factor from stored numbers to real ones: 1 unless they have eight bits
 * @param shape [N, C, H, W]; only read
 */
@SuppressWarnings("ArrayRecordComponent")
record Tensor(dnnl_memory_desc layout, Buffer buffer, int type, float scale, long[] shape) {

  boolean isEightBits() {
    return type == dnnl_u8 || type == dnnl_s8;
  }

  long images() {
    return shape[0];
  }

  long channels() {
    return shape[1];
  }

  int height() {
    return Math.toIntExact(shape[2]);
  }

  int width() {
    return Math.toIntExact(shape[3]);
  }
}
