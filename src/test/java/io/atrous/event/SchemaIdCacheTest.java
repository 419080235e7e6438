package io.atrous.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class SchemaIdCacheTest {

  private final AtomicInteger lookups = new AtomicInteger();
  private final AtomicBoolean registered = new AtomicBoolean();
  private long nowNanos = Long.MAX_VALUE - 5;

  private final SchemaIdCache<String> cache =
      new SchemaIdCache<>(
          id -> {
            lookups.incrementAndGet();
            if (!registered.get()) {
              throw new InvalidEventException("unknown " + id, null);
            }
            return "schema " + id;
          },
          () -> nowNanos);

  private void refused(int id) {
    assertThatThrownBy(() -> cache.get(id)).isInstanceOf(InvalidEventException.class);
  }

  @Test
  void anUnknownIdIsAskedForOnceInASecond() {
    for (int i = 0; i < 100; i++) {
      refused(7);
    }
    assertThat(lookups).hasValue(1);
  }

  @Test
  void aSchemaThatIsRegisteredLaterIsFoundAfterTheRefusalHasExpired() {
    refused(7);
    registered.set(true);
    nowNanos += SchemaIdCache.FIRST_REFUSAL_NANOS - 1;
    refused(7);
    nowNanos += 1;
    assertThat(cache.get(7)).isEqualTo("schema 7");
    assertThat(cache.get(7)).isEqualTo("schema 7");
    assertThat(lookups).hasValue(2);
  }

  @Test
  void anIdThatStaysUnknownIsAskedForLessAndLessOftenButEachHalfMinute() {
    // Refused for 1, 2, 4, 8, 16, 30 and again 30 seconds.
    int[] askedAtSecond = {0, 1, 3, 7, 15, 31, 61, 91};
    int second = 0;
    for (int i = 0; i < askedAtSecond.length; i++) {
      nowNanos += TimeUnit.SECONDS.toNanos(askedAtSecond[i] - second);
      second = askedAtSecond[i];
      refused(7);
      refused(7);
      assertThat(lookups).hasValue(i + 1);
    }
  }

  @Test
  void itHoldsABoundedNumberOfIds() {
    for (int id = 0; id <= SchemaIdCache.MAX_IDS; id++) {
      refused(id);
    }
    lookups.set(0);
    refused(SchemaIdCache.MAX_IDS);
    assertThat(lookups).hasValue(0);
    refused(0);
    assertThat(lookups).hasValue(1);
  }

  @Test
  void aFailureOfTheRegistryIsNotRemembered() {
    AtomicInteger tries = new AtomicInteger();
    SchemaIdCache<String> failing =
        new SchemaIdCache<>(
            id -> {
              if (tries.getAndIncrement() == 0) {
                throw new SchemaRegistryException("gone", true, 0, null);
              }
              return "schema";
            },
            () -> nowNanos);
    assertThatThrownBy(() -> failing.get(7)).isInstanceOf(SchemaRegistryException.class);
    assertThat(failing.get(7)).isEqualTo("schema");
  }

  @Test
  void threadsThatWantTheSameIdShareOneLookupAndOthersDoNotWaitForIt() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answered = new CountDownLatch(1);
    SchemaIdCache<String> slow =
        new SchemaIdCache<>(
            id -> {
              lookups.incrementAndGet();
              if (id == 7) {
                asked.countDown();
                try {
                  assertThat(answered.await(30, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              }
              return "schema " + id;
            },
            () -> nowNanos);
    CompletableFuture<String> first = CompletableFuture.supplyAsync(() -> slow.get(7));
    assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
    Thread second = new Thread(() -> slow.get(7));
    second.start();
    assertThat(slow.get(8)).isEqualTo("schema 8");
    answered.countDown();
    second.join();
    assertThat(first.get(30, TimeUnit.SECONDS)).isEqualTo("schema 7");
    assertThat(lookups).hasValue(2);
  }
}
