package io.atrous.payload;

import java.time.Duration;

/**
 * Something payloads can be read from. It is only asked for URIs that are allowed, and goes nowhere
 * else for them.
 *
 * <p><b>Threading:</b> thread-safe; each read blocks its caller.
 */
interface PayloadStore extends AutoCloseable {

  /**
   * Reads what lies at a URI once, without trying again.
   *
   * @param maxBytes the number of bytes after which to stop reading, whatever the store says about
   *     the size
   * @param timeout the time that it may take in all
   * @return the payload, or its first {@code maxBytes} bytes
   * @throws StoreException if it can't be had, or not in time
   */
  byte[] read(PayloadUri uri, int maxBytes, Duration timeout)
      throws StoreException, InterruptedException;

  @Override
  default void close() {}
}
