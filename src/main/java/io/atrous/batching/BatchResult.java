package io.atrous.batching;

/**
 * What one request of a batch gets, whatever its neighbours get.
 *
 * @param <R> the answer
 */
public sealed interface BatchResult<R> {

  /** The request is answered. */
  record Answered<R>(R value) implements BatchResult<R> {}

  /** This request alone failed. */
  record Failed<R>(Throwable cause) implements BatchResult<R> {}
}
