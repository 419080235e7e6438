package io.atrous.checkpoint.torch;

import io.atrous.checkpoint.torch.Pickled.Storage;
import io.atrous.checkpoint.torch.Pickled.Tensor;
import io.atrous.model.ElementType;
import io.atrous.model.ModelFileException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * A tensor whose numbers lie in a file with any distance between neighbours: transposed,
 * channels-last, or a part of another.
 *
 * <p><b>Threading:</b> as the file's.
 */
public final class StridedTensor implements StoredTensor {

  private static final int MAX_DIMENSIONS = 8;
  private static final int WINDOW_BYTES = 1 << 16;

  /** The most numbers that an array may hold on every JVM. */
  private static final int MAX_ELEMENTS = Integer.MAX_VALUE - 8;

  /**
   * A dimension of more than one number.
   *
   * @param stride between neighbours in the file, in numbers
   * @param step between neighbours in the row-major array
   */
  private record Axis(int size, long stride, int step) {}

  private final FileBytes file;
  private final ElementType type;
  private final List<Integer> shape;
  private final int elements;

  /** The largest strides first, so that a walk over them goes through the file once. */
  private final List<Axis> axes;

  /** The position of the first number in the file. */
  private final long begin;

  /** Behind the last number, in the file. */
  private final long end;

  private StridedTensor(
      FileBytes file,
      ElementType type,
      List<Integer> shape,
      int elements,
      List<Axis> axes,
      long begin,
      long end) {
    this.file = file;
    this.type = type;
    this.shape = List.copyOf(shape);
    this.elements = elements;
    this.axes = List.copyOf(axes);
    this.begin = begin;
    this.end = end;
  }

  /**
   * Checks that a tensor is one.
   *
   * @param name for messages
   * @param storage the position in the file at which its storage begins; the whole storage lies in
   *     the file
   * @throws ModelFileException if its numbers don't lie in its storage, each at a place of its own
   */
  public static StridedTensor of(FileBytes file, String name, Tensor tensor, long storage) {
    List<Integer> shape = new ArrayList<>();
    for (Object size : tensor.sizes()) {
      if (!(size instanceof Long number) || number < 0 || number > MAX_ELEMENTS) {
        throw file.damaged("tensor " + name + " has an impossible shape");
      }
      shape.add(number.intValue());
    }
    if (shape.size() > MAX_DIMENSIONS || shape.size() != tensor.strides().size()) {
      throw file.damaged("tensor " + name + " has an impossible number of dimensions");
    }
    long elements = 1;
    List<Axis> axes = new ArrayList<>();
    for (int i = shape.size() - 1; i >= 0; i--) {
      if (!(tensor.strides().get(i) instanceof Long stride) || stride < 0) {
        throw file.damaged("tensor " + name + " has an impossible stride");
      }
      if (shape.get(i) > 1) {
        axes.add(new Axis(shape.get(i), stride, (int) elements));
      }
      elements *= shape.get(i);
      if (elements > MAX_ELEMENTS) {
        throw file.refused("has a tensor " + name + " too large to be read: " + shape);
      }
    }
    axes.sort(Comparator.comparingLong(Axis::stride));
    Storage within = tensor.storage();
    int bytes = tensor.type().bytes();
    long room = (within.elements() - within.first()) * within.type().bytes() / bytes;
    long span = elements == 0 ? 0 : span(axes, room);
    if (span < 0 || tensor.offset() < 0 || tensor.offset() > room - span) {
      throw file.damaged("tensor " + name + " of shape " + shape + " doesn't fit its storage");
    }
    long begin = storage + within.first() * within.type().bytes() + tensor.offset() * bytes;
    Collections.reverse(axes);
    return new StridedTensor(
        file, tensor.type(), shape, (int) elements, axes, begin, begin + span * bytes);
  }

  /**
   * Returns the distance from the first number to behind the last, in numbers, or -1 if that is
   * more than there is room for or if two numbers share a place: then a small file could claim a
   * large tensor.
   *
   * @param axes the smallest strides first
   */
  private static long span(List<Axis> axes, long room) {
    long span = 1;
    for (Axis axis : axes) {
      if (axis.stride() < span || axis.stride() > (room - span) / (axis.size() - 1)) {
        return -1;
      }
      span += axis.stride() * (axis.size() - 1);
    }
    return span <= room ? span : -1;
  }

  @Override
  public ElementType type() {
    return type;
  }

  @Override
  public List<Integer> shape() {
    return shape;
  }

  @Override
  public float[] values(String name) {
    if (!type.isFloat()) {
      throw file.refused(
          "has a tensor " + name + " that holds " + type + ", not floating-point numbers");
    }
    float[] values = new float[elements];
    if (elements > 0) {
      copy(0, begin, values, 0, new Window());
    }
    return values;
  }

  private void copy(int depth, long from, float[] values, int to, Window window) {
    if (depth == axes.size()) {
      values[to] = window.read(from);
      return;
    }
    Axis axis = axes.get(depth);
    for (int i = 0; i < axis.size(); i++) {
      copy(
          depth + 1, from + i * axis.stride() * type.bytes(), values, to + i * axis.step(), window);
    }
  }

  /** The part of the file that was read last. */
  private final class Window {

    private final ByteBuffer bytes =
        ByteBuffer.allocate((int) Math.min(WINDOW_BYTES, end - begin))
            .order(ByteOrder.LITTLE_ENDIAN)
            .limit(0);
    private long windowBegin;

    float read(long position) {
      if (position < windowBegin || position + type.bytes() > windowBegin + bytes.limit()) {
        bytes.clear().limit((int) Math.min(bytes.capacity(), end - position));
        file.read(bytes, position);
        windowBegin = position;
      }
      return type.read(bytes, (int) (position - windowBegin));
    }
  }
}
