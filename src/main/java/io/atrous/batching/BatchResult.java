package io.atrous.batching;

/**
 * The result of one request of a batch, independent of the results of the others.
 *
 * @param <R> the answer
 */
public sealed interface BatchResult<R> {

  /** The request is answered. */
  record Answered<R>(R value) implements BatchResult<R> {}

  /** This request alone failed. */
  record Failed<R>(Throwable cause) implements BatchResult<R> {}
}
