package io.atrous.model;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What kind of number a tensor of any file holds: safetensors' names. A model of ours is stored in
 * a {@link StorageType} only; the others stand in files that come from elsewhere.
 */
public enum ElementType {
  F64(Double.BYTES, null),
  F32(StorageType.F32),
  F16(StorageType.F16),
  BF16(StorageType.BF16),
  I64(Long.BYTES, null),
  U64(Long.BYTES, null),
  I32(Integer.BYTES, null),
  U32(Integer.BYTES, null),
  I16(Short.BYTES, null),
  U16(Short.BYTES, null),
  I8(Byte.BYTES, null),
  U8(Byte.BYTES, null),
  BOOL(Byte.BYTES, null);

  private final int bytes;
  private final @Nullable StorageType storage;

  ElementType(StorageType storage) {
    this(storage.bytes(), storage);
  }

  ElementType(int bytes, @Nullable StorageType storage) {
    this.bytes = bytes;
    this.storage = storage;
  }

  /** Bytes per number. */
  public int bytes() {
    return bytes;
  }

  /** Returns whether it is a floating-point type, the only ones that {@link #read} takes. */
  public boolean isFloat() {
    return this == F64 || storage != null;
  }

  /** The type as one of our own files', or null if it is none. */
  public @Nullable StorageType storage() {
    return storage;
  }

  /**
   * Reads the number at a position of a little-endian buffer, in single precision: what lies beyond
   * its range becomes infinite.
   *
   * @throws IllegalStateException if this is not a floating-point type
   */
  public float read(ByteBuffer buffer, int position) {
    if (storage != null) {
      return storage.read(buffer, position);
    }
    if (this == F64) {
      return (float) buffer.getDouble(position);
    }
    throw new IllegalStateException(this + " is not a floating-point type");
  }
}
