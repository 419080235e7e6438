package io.atrous.inference.onednn;

import io.atrous.inference.DeviceMemoryException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.bytedeco.javacpp.Pointer;

/**
 * A piece of memory outside of Java's heap, aligned to {@value #ALIGNMENT} bytes. No limit of the
 * JVM's counts it.
 *
 * <p><b>Threading:</b> not thread-safe. It owns the memory until {@link #close}.
 */
final class NativeBlock implements AutoCloseable {

  /** The length of a cache line, and of the widest vector. */
  static final int ALIGNMENT = 64;

  private final Pointer whole;
  private final long address;

  /**
   * Allocates memory, whose content is undefined.
   *
   * @throws DeviceMemoryException if there is none left
   */
  NativeBlock(long bytes) {
    whole = Pointer.malloc(bytes + ALIGNMENT);
    if (whole == null || whole.isNull()) {
      throw new DeviceMemoryException("the process gets no %d MB of memory".formatted(bytes >> 20));
    }
    address = (whole.address() + ALIGNMENT - 1) & -ALIGNMENT;
  }

  /** Allocates memory and fills it. */
  static NativeBlock of(float[] values) {
    NativeBlock block = new NativeBlock((long) Float.BYTES * values.length);
    block.floats(0, values.length).put(values);
    return block;
  }

  /** Allocates memory and fills it. */
  static NativeBlock of(byte[] values) {
    NativeBlock block = new NativeBlock(values.length);
    block.bytes(0, values.length).put(values);
    return block;
  }

  /** Returns the address of the first byte. */
  long address() {
    return address;
  }

  /** Returns a view of some bytes. It must not be used after this is closed. */
  ByteBuffer bytes(long offset, int length) {
    return new com.sun.jna.Pointer(address + offset)
        .getByteBuffer(0, length)
        .order(ByteOrder.nativeOrder());
  }

  /** Returns a view of some numbers. It must not be used after this is closed. */
  FloatBuffer floats(long offset, int length) {
    return bytes(offset, Math.multiplyExact(Float.BYTES, length)).asFloatBuffer();
  }

  @Override
  public void close() {
    Pointer.free(whole);
  }
}
