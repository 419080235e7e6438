package io.atrous.stream;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads that each own a worker with its scratch memory, and run jobs on it. Jobs that finish a
 * frame go before jobs that begin one, so that results don't queue behind new work.
 *
 * <p><b>Threading:</b> thread-safe; a worker is made and used on its own thread only.
 */
final class WorkerPool<W> implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);

  /** Stages of a frame, most urgent first. */
  enum Stage {
    FINISH(Thread.NORM_PRIORITY),
    /**
     * Below whoever else wants the core: a network on a CPU splits its work among the cores in
     * equal parts, and all of it waits for a part that lost its core to a decoder.
     */
    BEGIN(Thread.MIN_PRIORITY);

    private final int priority;

    Stage(int priority) {
      this.priority = priority;
    }
  }

  private record Job<W>(Stage stage, long number, Consumer<W> work) {}

  private static final Comparator<Job<?>> URGENCY =
      Comparator.<Job<?>, Stage>comparing(Job::stage).thenComparingLong(Job::number);

  private final BlockingQueue<Job<W>> jobs = new PriorityBlockingQueue<>(64, URGENCY);
  private final AtomicLong numbers = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean closed;

  WorkerPool(String name, int threadCount, Supplier<W> workers) {
    for (int i = 0; i < threadCount; i++) {
      Thread thread = new Thread(() -> run(workers), name + "-" + i);
      thread.setDaemon(true);
      threads.add(thread);
    }
    threads.forEach(Thread::start);
  }

  int threadCount() {
    return threads.size();
  }

  /**
   * Runs a job soon, on any worker.
   *
   * @param work must not throw: it answers a frame, and says failures there
   * @throws RejectedExecutionException after {@link #close}
   */
  void execute(Stage stage, Consumer<W> work) {
    if (closed) {
      throw new RejectedExecutionException("the service is closed");
    }
    jobs.add(new Job<>(stage, numbers.getAndIncrement(), work));
  }

  /** Stops the threads after the jobs they are at; what waits is not run. */
  @Override
  public void close() {
    closed = true;
    threads.forEach(Thread::interrupt);
    boolean interrupted = false;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @SuppressWarnings("ThreadPriorityCheck") // Who goes first is a matter of speed alone.
  private void run(Supplier<W> workers) {
    try {
      W worker = workers.get();
      while (!closed) {
        Job<W> job = jobs.take();
        Thread.currentThread().setPriority(job.stage().priority);
        job.work().accept(worker);
      }
    } catch (InterruptedException e) {
      // close() woke us.
    } catch (RuntimeException e) {
      LOG.error("A worker thread ended unexpectedly", e);
    }
  }
}
