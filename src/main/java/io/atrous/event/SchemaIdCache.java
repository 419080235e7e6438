package io.atrous.event;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What is known about schema ids, so that the registry is asked once for each. An id that can't be
 * used is remembered too, for a second at first and then longer each time, up to half a minute: a
 * stream of junk costs few requests, and a schema that is registered later is found soon. A failure
 * of the registry is not remembered.
 *
 * <p><b>Threading:</b> thread-safe. Threads that want the same unknown id share one lookup, which
 * blocks them all.
 *
 * @param <V> what is made of a schema
 */
final class SchemaIdCache<V> {

  static final long FIRST_REFUSAL_NANOS = TimeUnit.SECONDS.toNanos(1);
  static final long MAX_REFUSAL_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** Entries are small; a registry whose every schema turns up in one topic is not. */
  static final int MAX_IDS = 1_000;

  /** The lookup of an id: under way, answered or refused. */
  private static final class Entry<V> {
    final CompletableFuture<V> answer = new CompletableFuture<>();
    final long refusalNanos;
    volatile long doneNanos;

    Entry(long refusalNanos) {
      this.refusalNanos = refusalNanos;
    }

    boolean isOutdated(long nowNanos) {
      return answer.isCompletedExceptionally() && nowNanos - doneNanos >= refusalNanos;
    }
  }

  private final ConcurrentHashMap<Integer, Entry<V>> entries = new ConcurrentHashMap<>();
  private final IntFunction<V> lookup;
  private final LongSupplier nanoTime;

  /**
   * @param lookup asks the registry; throws {@link InvalidEventException} if the id can't be used
   * @param nanoTime the clock by which refused ids are forgotten
   */
  SchemaIdCache(IntFunction<V> lookup, LongSupplier nanoTime) {
    this.lookup = lookup;
    this.nanoTime = nanoTime;
  }

  /**
   * Returns what the id's schema was made into.
   *
   * @throws InvalidEventException if the id can't be used, or could not a moment ago
   * @throws SchemaRegistryException if the registry fails
   */
  V get(int id) {
    while (true) {
      Entry<V> known = entries.get(id);
      if (known != null && !known.isOutdated(nanoTime.getAsLong())) {
        return result(known);
      }
      Entry<V> fresh = new Entry<>(refusalNanos(known));
      // The request itself is made outside of the map, which would hold a lock meanwhile.
      if (known == null
          ? entries.putIfAbsent(id, fresh) == null
          : entries.replace(id, known, fresh)) {
        ask(id, fresh);
        return result(fresh);
      }
    }
  }

  private static long refusalNanos(@Nullable Entry<?> refused) {
    return refused == null
        ? FIRST_REFUSAL_NANOS
        : Math.min(MAX_REFUSAL_NANOS, 2 * refused.refusalNanos);
  }

  private void ask(int id, Entry<V> entry) {
    if (entries.size() > MAX_IDS) {
      entries.keySet().removeIf(other -> other != id);
    }
    try {
      entry.answer.complete(lookup.apply(id));
    } catch (InvalidEventException e) {
      entry.doneNanos = nanoTime.getAsLong();
      entry.answer.completeExceptionally(e);
    } catch (RuntimeException | Error e) {
      entries.remove(id, entry);
      entry.answer.completeExceptionally(e);
    }
  }

  private static <V> V result(Entry<V> entry) {
    try {
      return entry.answer.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw e;
    }
  }
}
