package io.atrous.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.batching.Arrival;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Who gets a slot, and when. */
final class SlotPoolTest {

  private final SlotPool pool = new SlotPool(1, 3);

  @Test
  void waitersAreServedInOrderExceptThoseWhoCameBefore() {
    ByteBuffer slot = pool.acquire(Arrival.at(0)).join();
    CompletableFuture<ByteBuffer> second = pool.acquire(Arrival.at(0));
    CompletableFuture<ByteBuffer> third = pool.acquire(Arrival.at(0));
    CompletableFuture<ByteBuffer> fetched = pool.acquireFirst(Arrival.at(1));

    pool.release(slot);
    assertThat(fetched).isCompletedWithValue(slot);
    pool.release(slot);
    assertThat(second).isCompletedWithValue(slot);
    pool.release(slot);
    assertThat(third).isCompletedWithValue(slot);
  }

  @Test
  void whoGaveUpWaitingIsPassedOver() {
    ByteBuffer slot = pool.acquire(Arrival.at(0)).join();
    CompletableFuture<ByteBuffer> gone = pool.acquire(Arrival.at(0));
    CompletableFuture<ByteBuffer> next = pool.acquire(Arrival.at(0));

    gone.cancel(false);
    pool.release(slot);

    assertThat(next).isCompletedWithValue(slot);
  }

  @Test
  void camerasTakeTurnsHoweverManyFramesOneHasWaiting() {
    ByteBuffer slot = pool.acquire(Arrival.at(0)).join();
    CompletableFuture<ByteBuffer> first = pool.acquire(new Arrival("flood", 1, Arrival.FOREVER));
    CompletableFuture<ByteBuffer> second = pool.acquire(new Arrival("flood", 2, Arrival.FOREVER));
    CompletableFuture<ByteBuffer> other = pool.acquire(new Arrival("other", 3, Arrival.FOREVER));

    pool.release(slot);
    assertThat(first).isDone();
    pool.release(slot);
    assertThat(other).isDone();
    assertThat(second).isNotDone();
  }
}
