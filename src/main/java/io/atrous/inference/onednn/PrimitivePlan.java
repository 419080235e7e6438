package io.atrous.inference.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCRATCHPAD;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_get_size;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_query_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_scratchpad_md;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.jspecify.annotations.Nullable;

/**
 * A sequence of primitives in the making: which run in which order on which tensors, while the
 * places of those are open. Scratchpads are buffers like others, each needed at one step.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class PrimitivePlan {

  /**
   * A tensor that a primitive reads or writes.
   *
   * @param name oneDNN's number for its part
   * @param buffer the buffer that it lies in; null if it lies elsewhere
   * @param address the place if it lies elsewhere
   */
  record Argument(int name, dnnl_memory_desc layout, @Nullable Buffer buffer, long address) {

    static Argument source(dnnl_memory_desc layout, long address) {
      return constant(DNNL_ARG_SRC, layout, address);
    }

    static Argument result(dnnl_memory_desc layout, long address) {
      return constant(DNNL_ARG_DST, layout, address);
    }

    static Argument constant(int name, dnnl_memory_desc layout, long address) {
      return new Argument(name, layout, null, address);
    }

    static Argument of(int name, Tensor tensor) {
      return new Argument(name, tensor.layout(), tensor.buffer(), 0);
    }

    private long address(long arena) {
      return buffer == null ? address : arena + buffer.offset();
    }
  }

  private record Step(String name, dnnl_primitive_desc description, List<Argument> arguments) {}

  private final Primitives primitives;
  private final List<Step> steps = new ArrayList<>();
  private final Set<Buffer> buffers = Collections.newSetFromMap(new IdentityHashMap<>());

  PrimitivePlan(Primitives primitives) {
    this.primitives = primitives;
  }

  /** Adds a primitive to the end. */
  void add(String name, dnnl_primitive_desc description, List<Argument> arguments) {
    List<Argument> all = new ArrayList<>(arguments);
    dnnl_memory_desc scratchpad =
        dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0);
    if (scratchpad != null && dnnl_memory_desc_get_size(scratchpad) > 0) {
      Buffer buffer = new Buffer(dnnl_memory_desc_get_size(scratchpad));
      all.add(new Argument(DNNL_ARG_SCRATCHPAD, scratchpad, buffer, 0));
    }
    for (Argument argument : all) {
      if (argument.buffer() != null) {
        use(argument.buffer());
      }
    }
    steps.add(new Step(name, description, all));
  }

  /** Notes that a buffer is needed where the plan now ends. */
  void use(Buffer buffer) {
    buffer.usedAt(steps.size());
    buffers.add(buffer);
  }

  /**
   * Gives the buffers their places.
   *
   * @return the number of bytes that they take together
   */
  long place() {
    return Arena.place(buffers);
  }

  /**
   * Makes the primitives, in an arena that is as large as {@link #place} said.
   *
   * @param arena the address of the arena
   */
  PrimitiveSequence bind(long arena) {
    List<PrimitiveSequence.Call> calls = new ArrayList<>();
    for (Step step : steps) {
      int count = step.arguments().size();
      dnnl_exec_arg_t arguments = primitives.arguments(count);
      for (int i = 0; i < count; i++) {
        Argument argument = step.arguments().get(i);
        arguments
            .position(i)
            .arg(argument.name())
            .memory(primitives.memory(argument.layout(), argument.address(arena)));
      }
      calls.add(
          new PrimitiveSequence.Call(
              step.name(),
              primitives.primitive(step.description(), step.name()),
              arguments.position(0),
              count));
    }
    return new PrimitiveSequence(primitives, calls);
  }
}
