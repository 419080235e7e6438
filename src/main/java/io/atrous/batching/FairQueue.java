package io.atrous.batching;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Orders the waiting requests of several flows that share a scarce resource. However many requests
 * one flow has waiting, it delays a request of another by one turn.
 *
 * <ul>
 *   <li>Flows take turns: between two requests of one flow, every other flow of its weight that has
 *       any gets one out, and one of <i>n</i> times its weight gets out <i>n</i>.
 *   <li>Within a flow, and between flows whose turn it is alike, the earliest arrival goes first;
 *       among equal arrivals, the one that was added first.
 *   <li>An {@linkplain #expedite expedited} request goes before all others. It counts as its flow's
 *       turn, but a flow is never further behind than one turn.
 * </ul>
 *
 * <p>It is passive: it starts no thread and reads no clock. Arrivals are nanoseconds of {@link
 * System#nanoTime} or a similar clock; they may be added out of order and may wrap around.
 *
 * <p><b>Threading:</b> not thread-safe; its owner guards it.
 *
 * <p><b>Implementation.</b> Start-time fair queueing (P. Goyal, H. Vin, H. Cheng: "Start-time Fair
 * Queueing: A Scheduling Algorithm for Integrated Services Packet Switching Networks", SIGCOMM
 * 1996) for requests of equal cost. It needs no knowledge of the server's pace, which changes with
 * the size of a batch. A request moves its flow's start tag on by a turn, divided by its weight;
 * the virtual time is the start tag of the request that left last. A flow that begins to wait
 * starts at the virtual time, unless it has had its turn already: so it gains nothing by having
 * been idle, and loses nothing. Tags are kept for a flow's oldest request only: a request that is
 * withdrawn costs its flow nothing.
 *
 * @param <Q> a request; known by identity, and at most once in the queue
 */
public final class FairQueue<Q> {

  /**
   * The most flows that are remembered although they have nothing waiting. Flows are named by
   * untrusted input, so their number must be bounded.
   */
  private static final int MAX_IDLE_FLOWS = 4096;

  /** The advance of a flow's tag per request of weight 1; the common weights divide it evenly. */
  private static final long TURN = 5040;

  private final Map<Object, Flow<Q>> flows = new HashMap<>();
  private final IdentityHashMap<Q, Entry<Q>> entries = new IdentityHashMap<>();
  private final NavigableSet<Entry<Q>> oldestFirst = new TreeSet<>(Entry.OLDEST_FIRST);
  private final NavigableSet<Entry<Q>> urgent = new TreeSet<>(Entry.OLDEST_FIRST);
  private final NavigableSet<Flow<Q>> turns = new TreeSet<>(Flow.NEXT_FIRST);
  private long added;
  private long virtualTime;

  /** Adds a request. */
  public void add(Q request, Arrival arrival) {
    Flow<Q> flow = flows.computeIfAbsent(arrival.flow(), key -> new Flow<>());
    Entry<Q> entry = new Entry<>(request, arrival, flow, added++);
    if (entries.putIfAbsent(request, entry) != null) {
      throw new IllegalArgumentException("the request waits already");
    }
    oldestFirst.add(entry);
    if (flow.waiting.isEmpty()) {
      flow.startTag = Math.max(flow.startTag, virtualTime);
    } else {
      // A flow's place among the others depends on its oldest request.
      turns.remove(flow);
    }
    flow.waiting.add(entry);
    turns.add(flow);
  }

  /** Moves a request before all that are not expedited; does nothing if it is not here. */
  public void expedite(Object request) {
    Entry<Q> entry = entries.get(request);
    if (entry != null) {
      urgent.add(entry);
    }
  }

  /**
   * Takes back a request.
   *
   * @return false if it is not here
   */
  public boolean withdraw(Object request) {
    Entry<Q> entry = entries.get(request);
    if (entry == null) {
      return false;
    }
    remove(entry, entry.flow.startTag);
    return true;
  }

  /** Removes and returns the request whose turn it is; null if none waits. */
  public @Nullable Q poll() {
    if (entries.isEmpty()) {
      return null;
    }
    if (!urgent.isEmpty()) {
      Entry<Q> expedited = urgent.first();
      remove(expedited, Math.min(expedited.flow.startTag, virtualTime) + turn(expedited));
      return expedited.request;
    }
    Flow<Q> flow = turns.first();
    if (flow.startTag > virtualTime) {
      virtualTime = flow.startTag;
      forgetFlowsUpTo(virtualTime);
    }
    Entry<Q> next = flow.waiting.first();
    remove(next, virtualTime + turn(next));
    return next.request;
  }

  /** Removes and returns every request whose lifetime is over, oldest first. */
  public List<Q> expire(long nowNanos) {
    List<Q> expired = new ArrayList<>();
    for (Entry<Q> entry : List.copyOf(oldestFirst)) {
      if (entry.arrival.isExpired(nowNanos)) {
        remove(entry, entry.flow.startTag);
        expired.add(entry.request);
      }
    }
    return expired;
  }

  /** Returns the earliest arrival of all waiting requests; empty if none waits. */
  public OptionalLong oldestNanos() {
    return oldestFirst.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(oldestFirst.first().arrival.nanos());
  }

  public boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Returns the number of waiting requests. */
  public int size() {
    return entries.size();
  }

  /** Returns the number of remembered flows. */
  int flowCount() {
    return flows.size();
  }

  private static long turn(Entry<?> entry) {
    return TURN / entry.arrival.weight();
  }

  private void remove(Entry<Q> entry, long nextTagOfItsFlow) {
    Flow<Q> flow = entry.flow;
    entries.remove(entry.request);
    oldestFirst.remove(entry);
    urgent.remove(entry);
    turns.remove(flow);
    flow.waiting.remove(entry);
    flow.startTag = nextTagOfItsFlow;
    if (!flow.waiting.isEmpty()) {
      turns.add(flow);
    }
    if (entries.isEmpty()) {
      // The end of a busy period: no flow is ahead of another any more.
      flows.clear();
    } else if (flows.size() - turns.size() > MAX_IDLE_FLOWS) {
      forgetFlowsUpTo(Long.MAX_VALUE);
    }
  }

  private void forgetFlowsUpTo(long startTag) {
    flows.values().removeIf(flow -> flow.waiting.isEmpty() && flow.startTag <= startTag);
  }

  private static final class Flow<Q> {

    static final Comparator<Flow<?>> NEXT_FIRST =
        (a, b) -> {
          int byTag = Long.compare(a.startTag, b.startTag);
          return byTag != 0
              ? byTag
              : Entry.OLDEST_FIRST.compare(a.waiting.first(), b.waiting.first());
        };

    final NavigableSet<Entry<Q>> waiting = new TreeSet<>(Entry.OLDEST_FIRST);
    long startTag;
  }

  private record Entry<Q>(Q request, Arrival arrival, Flow<Q> flow, long number) {

    // By difference: the origin of nanoTime is arbitrary and its values may wrap around.
    static final Comparator<Entry<?>> OLDEST_FIRST =
        (a, b) -> {
          int byArrival = Long.signum(a.arrival.nanos() - b.arrival.nanos());
          return byArrival != 0 ? byArrival : Long.compare(a.number, b.number);
        };
  }
}
