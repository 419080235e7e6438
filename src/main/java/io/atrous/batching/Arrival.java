package io.atrous.batching;

/**
 * Describes a waiting request to the queue: its flow, weight, arrival time and lifetime.
 *
 * @param flow the flow that the request belongs to, compared by {@code equals}: requests of one
 *     flow leave in order of arrival, flows take turns
 * @param weight the number of requests of its flow that leave for each one of a flow of weight 1, 1
 *     to {@value #MAX_WEIGHT}
 * @param nanos the time at which its waiting began, in nanoseconds of the queue's clock; may lie in
 *     the past
 * @param lifetimeNanos the time after {@code nanos} during which its answer is wanted, in
 *     nanoseconds
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

  /** Creates an arrival of a flow of weight 1. */
  public Arrival(Object flow, long nanos, long lifetimeNanos) {
    this(flow, 1, nanos, lifetimeNanos);
  }

  /**
   * Creates an arrival of a request without a flow of its own and without a limit on its waiting.
   */
  public static Arrival at(long nanos) {
    return new Arrival(ONLY_FLOW, nanos, FOREVER);
  }

  /** Returns whether the request's lifetime is over. */
  public boolean isExpired(long nowNanos) {
    return nowNanos - nanos > lifetimeNanos;
  }

  /** Returns an arrival that began that much later and expires at the same time as this one. */
  public Arrival delayed(long delayNanos) {
    return new Arrival(
        flow,
        weight,
        nanos + delayNanos,
        lifetimeNanos == FOREVER ? FOREVER : Math.max(0, lifetimeNanos - delayNanos));
  }
}
