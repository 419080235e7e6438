package io.atrous.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Who gets a slot, and when. */
final class SlotPoolTest {

  private final SlotPool pool = new SlotPool(1, 3);

  @Test
  void waitersAreServedInOrderExceptThoseWhoCameBefore() {
    ByteBuffer slot = pool.acquire().join();
    CompletableFuture<ByteBuffer> second = pool.acquire();
    CompletableFuture<ByteBuffer> third = pool.acquire();
    CompletableFuture<ByteBuffer> fetched = pool.acquireFirst();

    pool.release(slot);
    assertThat(fetched).isCompletedWithValue(slot);
    pool.release(slot);
    assertThat(second).isCompletedWithValue(slot);
    pool.release(slot);
    assertThat(third).isCompletedWithValue(slot);
  }

  @Test
  void whoGaveUpWaitingIsPassedOver() {
    ByteBuffer slot = pool.acquire().join();
    CompletableFuture<ByteBuffer> gone = pool.acquire();
    CompletableFuture<ByteBuffer> next = pool.acquire();

    gone.cancel(false);
    pool.release(slot);

    assertThat(next).isCompletedWithValue(slot);
  }
}
