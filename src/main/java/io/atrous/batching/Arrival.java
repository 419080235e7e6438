package io.atrous.batching;

/**
 * How a request came to wait.
 *
 * @param flow whose it is, by {@code equals}: requests of one flow leave in order of arrival, flows
 *     take turns
 * @param weight how many requests of its flow leave where one of a flow of weight 1 does, 1 to
 *     {@value #MAX_WEIGHT}
 * @param nanos when its waiting began; may lie in the past
 * @param lifetimeNanos how long after that its answer is wanted
 */
public record Arrival(Object flow, int weight, long nanos, long lifetimeNanos) {

  /** The lifetime of a request whose answer is always wanted. */
  public static final long FOREVER = Long.MAX_VALUE;

  public static final int MAX_WEIGHT = 100;

  private static final Object ONLY_FLOW = "the only flow";

  public Arrival {
    if (weight < 1 || weight > MAX_WEIGHT) {
      throw new IllegalArgumentException("a weight is 1 to " + MAX_WEIGHT + ", not " + weight);
    }
    if (lifetimeNanos < 0) {
      throw new IllegalArgumentException("a lifetime can't be negative: " + lifetimeNanos);
    }
  }

  /** Of a flow like any other. */
  public Arrival(Object flow, long nanos, long lifetimeNanos) {
    this(flow, 1, nanos, lifetimeNanos);
  }

  /** Of a request that is one of a kind with all others like it, and waits as long as it takes. */
  public static Arrival at(long nanos) {
    return new Arrival(ONLY_FLOW, nanos, FOREVER);
  }

  /** Whether its lifetime is over. */
  public boolean isExpired(long nowNanos) {
    return nowNanos - nanos > lifetimeNanos;
  }

  /** As if its waiting began so much later; the end of its lifetime stays where it is. */
  public Arrival delayed(long delayNanos) {
    return new Arrival(
        flow,
        weight,
        nanos + delayNanos,
        lifetimeNanos == FOREVER ? FOREVER : Math.max(0, lifetimeNanos - delayNanos));
  }
}
