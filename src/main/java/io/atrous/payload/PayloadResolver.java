package io.atrous.payload;

import io.atrous.frame.FrameRejectedException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * Brings the payloads that frames refer to.
 *
 * <p><b>Threading:</b> thread-safe; never blocks its caller.
 */
public interface PayloadResolver {

  /**
   * Fetches a payload.
   *
   * @return the whole payload, checked against its reference; or {@link FrameRejectedException} if
   *     it can't be had. Cancelling it withdraws a fetch that hasn't begun.
   */
  CompletableFuture<ByteBuffer> resolve(PayloadReference reference);
}
