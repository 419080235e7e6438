package io.atrous.inference;

import org.jspecify.annotations.Nullable;

/**
 * The device, or the process on a CPU, has no memory left for a batch. That says nothing of its
 * images: each takes the same.
 */
public final class DeviceMemoryException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public DeviceMemoryException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  public DeviceMemoryException(String message) {
    super(message);
  }
}
