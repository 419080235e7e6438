package io.atrous.inference.onednn;

import static io.atrous.inference.onednn.OneDnn.check;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_add;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_direct;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_engine_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_engine_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_inference;
import static org.bytedeco.dnnl.global.dnnl.dnnl_matmul_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_create_submemory;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_create_with_tag;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_nhwc;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_query;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_execute;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_impl_info_str;
import static org.bytedeco.dnnl.global.dnnl.dnnl_reorder_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_in_order;

import io.atrous.inference.EngineFailedException;
import io.atrous.network.ConvUnit;
import java.util.List;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Makes oneDNN's objects, checked, and owns them: layouts of tensors, descriptions of primitives,
 * primitives, and the stream that they run on.
 *
 * <p>A description is refused if oneDNN has nothing better than its reference implementation for
 * it, which takes seconds where a kernel takes milliseconds.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class Primitives implements AutoCloseable {

  private static final String REFERENCE = "ref";

  private final Handles handles = new Handles();
  private final dnnl_engine engine;
  private final dnnl_stream stream;

  /** A place in memory. JavaCPP counts the position of its own typed pointers in bytes. */
  private static final class Address extends Pointer {
    Address(long address) {
      this.address = address;
    }
  }

  Primitives() {
    OneDnn.load();
    dnnl_engine cpu = new dnnl_engine();
    check(dnnl_engine_create(cpu, dnnl_cpu, 0), "an engine");
    engine = handles.own(cpu, e -> dnnl_engine_destroy(e));
    dnnl_stream inOrder = new dnnl_stream();
    check(dnnl_stream_create(inOrder, engine, dnnl_stream_in_order), "a stream");
    stream = handles.own(inOrder, s -> dnnl_stream_destroy(s));
  }

  /** The layout of features: channels last. */
  dnnl_memory_desc channelsLast(int type, long... shape) {
    return layout(type, dnnl_nhwc, shape);
  }

  dnnl_memory_desc layout(int type, int tag, long... shape) {
    dnnl_memory_desc layout = new dnnl_memory_desc();
    check(
        dnnl_memory_desc_create_with_tag(layout, shape.length, shape, type, tag),
        "a layout of tensors");
    return handles.own(layout, l -> dnnl_memory_desc_destroy(l));
  }

  /** The layout of some channels of all, where those are. */
  dnnl_memory_desc channelsOf(dnnl_memory_desc whole, long firstChannel, long... shape) {
    dnnl_memory_desc layout = new dnnl_memory_desc();
    long[] offsets = {0, firstChannel, 0, 0};
    check(dnnl_memory_desc_create_submemory(layout, whole, shape, offsets), "a layout of channels");
    return handles.own(layout, l -> dnnl_memory_desc_destroy(l));
  }

  dnnl_primitive_desc convolution(
      ConvUnit unit,
      dnnl_memory_desc source,
      dnnl_memory_desc weights,
      dnnl_memory_desc bias,
      dnnl_memory_desc result,
      Attributes attributes) {
    dnnl_primitive_desc description = new dnnl_primitive_desc();
    long[] strides = {unit.stride(), unit.stride()};
    long[] dilations = {unit.dilation() - 1, unit.dilation() - 1};
    long[] padding = {unit.padding(), unit.padding()};
    return described(
        description,
        dnnl_convolution_forward_primitive_desc_create(
            description,
            engine,
            dnnl_forward_inference,
            dnnl_convolution_direct,
            source,
            weights,
            bias,
            result,
            strides,
            dilations,
            padding,
            padding,
            attributes.done()),
        unit.name());
  }

  /**
   * A pooling.
   *
   * @param algorithm one of oneDNN's
   * @param before padding above and to the left
   * @param after padding below and to the right
   */
  dnnl_primitive_desc pooling(
      int algorithm,
      dnnl_memory_desc source,
      dnnl_memory_desc result,
      long[] kernel,
      long stride,
      long[] before,
      long[] after) {
    dnnl_primitive_desc description = new dnnl_primitive_desc();
    long[] strides = {stride, stride};
    long[] dense = {0, 0};
    return described(
        description,
        dnnl_pooling_forward_primitive_desc_create(
            description,
            engine,
            dnnl_forward_inference,
            algorithm,
            source,
            result,
            strides,
            kernel,
            dense,
            before,
            after,
            attributes().done()),
        "a pooling");
  }

  dnnl_primitive_desc product(
      dnnl_memory_desc left, dnnl_memory_desc right, dnnl_memory_desc result) {
    dnnl_primitive_desc description = new dnnl_primitive_desc();
    return described(
        description,
        dnnl_matmul_primitive_desc_create(
            description, engine, left, right, null, result, attributes().done()),
        "a matrix product");
  }

  dnnl_primitive_desc addition(
      dnnl_memory_desc left,
      dnnl_memory_desc right,
      dnnl_memory_desc result,
      Attributes attributes) {
    dnnl_primitive_desc description = new dnnl_primitive_desc();
    return described(
        description,
        dnnl_binary_primitive_desc_create(
            description, engine, dnnl_binary_add, left, right, result, attributes.done()),
        "an addition");
  }

  dnnl_primitive_desc copy(dnnl_memory_desc from, dnnl_memory_desc to, Attributes attributes) {
    return described(reordering(from, to, attributes), "a copy");
  }

  private dnnl_primitive_desc reordering(
      dnnl_memory_desc from, dnnl_memory_desc to, Attributes attributes) {
    dnnl_primitive_desc description = new dnnl_primitive_desc();
    check(
        dnnl_reorder_primitive_desc_create(
            description, from, engine, to, engine, attributes.done()),
        "a copy");
    return handles.own(description, d -> dnnl_primitive_desc_destroy(d));
  }

  private dnnl_primitive_desc described(dnnl_primitive_desc description, int status, String what) {
    check(status, what);
    return described(handles.own(description, d -> dnnl_primitive_desc_destroy(d)), what);
  }

  private static dnnl_primitive_desc described(dnnl_primitive_desc description, String what) {
    String implementation = implementation(description);
    if (implementation.startsWith(REFERENCE)) {
      throw new EngineFailedException(
          "oneDNN has nothing but its reference implementation (%s) here for %s"
              .formatted(implementation, what),
          null);
    }
    return description;
  }

  private static String implementation(dnnl_primitive_desc description) {
    try (PointerPointer<BytePointer> name = new PointerPointer<>(1)) {
      check(
          dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, name),
          "the name of a kernel");
      return new BytePointer(name.get(0)).getString();
    }
  }

  /** Begins the attributes of a primitive. */
  Attributes attributes() {
    return new Attributes(handles);
  }

  dnnl_primitive primitive(dnnl_primitive_desc description, String what) {
    dnnl_primitive primitive = new dnnl_primitive();
    check(dnnl_primitive_create(primitive, description), what);
    return handles.own(primitive, p -> dnnl_primitive_destroy(p));
  }

  /** Binds a tensor to memory, which stays its owner's. */
  dnnl_memory memory(dnnl_memory_desc layout, long address) {
    dnnl_memory memory = new dnnl_memory();
    check(dnnl_memory_create(memory, layout, engine, new Address(address)), "a tensor");
    return handles.own(memory, m -> dnnl_memory_destroy(m));
  }

  /** Makes room for the arguments of a primitive. */
  dnnl_exec_arg_t arguments(int count) {
    NativeBlock block =
        handles.own(
            new NativeBlock((long) new dnnl_exec_arg_t().sizeof() * count), NativeBlock::close);
    return new dnnl_exec_arg_t(new Address(block.address()));
  }

  /** Copies a tensor from one layout to another, once. */
  void copyNow(dnnl_memory_desc from, long source, dnnl_memory_desc to, long target) {
    PrimitivePlan plan = new PrimitivePlan(this);
    plan.add(
        "a copy",
        reordering(from, to, attributes()),
        List.of(
            PrimitivePlan.Argument.source(from, source),
            PrimitivePlan.Argument.result(to, target)));
    try (NativeBlock memory = new NativeBlock(plan.place())) {
      plan.bind(memory.address()).run();
    }
  }

  /** Runs a primitive to its end. */
  void run(dnnl_primitive primitive, dnnl_exec_arg_t arguments, int count, String what) {
    check(dnnl_primitive_execute(primitive, stream, count, arguments), what);
  }

  /** Destroys everything that it has made. */
  @Override
  public void close() {
    handles.close();
  }
}
