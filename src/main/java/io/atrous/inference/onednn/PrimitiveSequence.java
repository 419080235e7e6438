package io.atrous.inference.onednn;

import java.util.List;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_primitive;

/**
 * Primitives that run one after the other, on tensors whose places are fixed. A run allocates
 * nothing.
 *
 * <p><b>Threading:</b> confined to one thread. What it runs belongs to its {@link Primitives}.
 */
final class PrimitiveSequence {

  /** A primitive and its arguments. */
  record Call(String name, dnnl_primitive primitive, dnnl_exec_arg_t arguments, int count) {}

  private final Primitives primitives;
  private final Call[] calls;

  PrimitiveSequence(Primitives primitives, List<Call> calls) {
    this.primitives = primitives;
    this.calls = calls.toArray(Call[]::new);
  }

  /** Runs all. */
  void run() {
    for (Call call : calls) {
      primitives.run(call.primitive(), call.arguments(), call.count(), call.name());
    }
  }
}
