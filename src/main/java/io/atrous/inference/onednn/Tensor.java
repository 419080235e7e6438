package io.atrous.inference.onednn;

import org.bytedeco.dnnl.dnnl_memory_desc;

/**
 * A tensor of features in a buffer.
 *
 * @param shape [N, C, H, W]; only read
 * @param type one of oneDNN's types of numbers
 */
@SuppressWarnings("ArrayRecordComponent")
record Tensor(dnnl_memory_desc layout, Buffer buffer, int type, long[] shape) {

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
