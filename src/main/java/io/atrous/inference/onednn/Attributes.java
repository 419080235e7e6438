package io.atrous.inference.onednn;

import static io.atrous.inference.onednn.OneDnn.check;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.dnnl_data_type_undef;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_relu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_append_eltwise;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_append_sum;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_set_post_ops;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_set_scales_mask;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_set_scratchpad_mode;
import static org.bytedeco.dnnl.global.dnnl.dnnl_scratchpad_mode_user;

import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.dnnl_primitive_attr;

/**
 * Attributes of a primitive in the making: the scales of what it reads and writes, and what is done
 * to its sums before they are written, in the order of the calls. Its scratchpad is memory of ours.
 *
 * <p><b>Threading:</b> confined to one thread. What it makes belongs to the handles that it was
 * given.
 */
final class Attributes {

  private static final int ONE_SCALE = 0;
  private static final int SCALE_PER_FIRST_DIMENSION = 1;

  private final dnnl_primitive_attr attributes = new dnnl_primitive_attr();
  private final dnnl_post_ops steps = new dnnl_post_ops();

  Attributes(Handles handles) {
    check(dnnl_primitive_attr_create(attributes), "attributes");
    handles.own(attributes, a -> dnnl_primitive_attr_destroy(a));
    check(dnnl_post_ops_create(steps), "steps afterwards");
    handles.own(steps, s -> dnnl_post_ops_destroy(s));
    check(
        dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user),
        "a scratchpad");
  }

  /** Gives the values that are read a scale. */
  Attributes scaledSource() {
    return scaled(DNNL_ARG_SRC, ONE_SCALE);
  }

  /** The weights have a scale for each output channel. */
  Attributes scaledWeights() {
    return scaled(DNNL_ARG_WEIGHTS, SCALE_PER_FIRST_DIMENSION);
  }

  /** Gives the values that are written a scale. */
  Attributes scaledResult() {
    return scaled(DNNL_ARG_DST, ONE_SCALE);
  }

  private Attributes scaled(int argument, int mask) {
    check(dnnl_primitive_attr_set_scales_mask(attributes, argument, mask), "scales");
    return this;
  }

  /** Adds what lies where the result is written: a tensor of as many bits. */
  Attributes plus(Tensor residual) {
    int type = residual.isEightBits() ? residual.type() : dnnl_data_type_undef;
    check(dnnl_post_ops_append_sum(steps, residual.scale(), 0, type), "an addition");
    return this;
  }

  Attributes relu() {
    check(dnnl_post_ops_append_eltwise(steps, dnnl_eltwise_relu, 0, 0), "a ReLU");
    return this;
  }

  dnnl_primitive_attr done() {
    check(dnnl_primitive_attr_set_post_ops(attributes, steps), "steps afterwards");
    return attributes;
  }
}
