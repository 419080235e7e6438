package io.atrous.training;

import io.atrous.dataset.SegmentationDataset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes the crops of the steps to come on threads of its own, while the network is at those of the
 * last: as many as {@value #STEPS_AHEAD} steps take, and no more. What it gives is the same for any
 * number of threads.
 *
 * <p><b>Threading:</b> confined to the training thread, but for the work of its own threads.
 */
final class CropLoader implements AutoCloseable {

  private static final int STEPS_AHEAD = 2;

  private final SegmentationDataset dataset;
  private final Augmentation augmentation;
  private final SampleOrder order;
  private final int cropsPerStep;
  private final ExecutorService workers;
  private final Deque<Future<Crop>> ahead = new ArrayDeque<>();
  private long place;

  /**
   * @param dataset thread-safe
   * @param threads the number of threads that make crops
   * @param firstStep the step whose crops are the first to be asked for
   */
  CropLoader(
      SegmentationDataset dataset,
      Augmentation augmentation,
      long seed,
      int cropsPerStep,
      int threads,
      int firstStep) {
    this.dataset = dataset;
    this.augmentation = augmentation;
    this.order = new SampleOrder(seed, dataset.size());
    this.cropsPerStep = cropsPerStep;
    this.place = (long) firstStep * cropsPerStep;
    AtomicInteger number = new AtomicInteger();
    this.workers =
        Executors.newFixedThreadPool(threads, work -> worker(work, number.incrementAndGet()));
  }

  /** The network's threads go first. */
  @SuppressWarnings("ThreadPriorityCheck")
  private static Thread worker(Runnable work, int number) {
    Thread thread = new Thread(work, "crops-" + number);
    thread.setDaemon(true);
    thread.setPriority(Thread.MIN_PRIORITY);
    return thread;
  }

  /**
   * Returns the crops of the next step.
   *
   * @throws RuntimeException what the data set throws if an image can't be had
   */
  List<Crop> next() {
    while (ahead.size() < STEPS_AHEAD * cropsPerStep) {
      SampleOrder.Sample sample = order.at(place++);
      ahead.add(workers.submit(() -> crop(sample)));
    }
    List<Crop> crops = new ArrayList<>();
    for (int i = 0; i < cropsPerStep; i++) {
      crops.add(result(ahead.remove()));
    }
    return crops;
  }

  private Crop crop(SampleOrder.Sample sample) {
    return Crop.of(augmentation.apply(dataset.get(sample.index()), sample.chance()));
  }

  private static Crop result(Future<Crop> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a crop is made", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException("a crop can't be made", e.getCause());
    }
  }

  @Override
  public void close() {
    workers.shutdownNow();
  }
}
