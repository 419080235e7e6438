package io.atrous.batching;

import java.util.List;

/**
 * Computes the answers to batches of requests.
 *
 * <p><b>Threading:</b> confined to the lane that made it, {@link #close} included.
 *
 * @param <Q> a request
 * @param <R> an answer
 */
public interface BatchProcessor<Q, R> extends AutoCloseable {

  /**
   * Answers a batch.
   *
   * @param requests the batch, at least one request
   * @return one result per request, in order
   * @throws Exception if the whole batch failed; later batches are unharmed
   */
  List<BatchResult<R>> process(List<Q> requests) throws Exception;

  @Override
  void close();
}
