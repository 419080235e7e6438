package io.atrous.web;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Threads that read and answer requests, a bounded number of them. The JDK's server gives each
 * request a thread from its first byte on, so clients that are slow to write or to read could hold
 * them all. When all are busy and one more request waits, the oldest one is therefore ended: its
 * thread is interrupted, which closes the connection that it waits for. A connection has one
 * request at a time, so no more wait than there are connections.
 *
 * <p><b>Threading:</b> thread-safe. Owns its threads.
 */
final class RequestThreads implements Executor, AutoCloseable {

  private static final long IDLE_SECONDS = 10;

  private final ThreadPoolExecutor threads;

  /** The threads of requests that have not been ended, the oldest first. */
  private final Map<Runnable, Thread> busy = new LinkedHashMap<>();

  RequestThreads(int count) {
    this.threads =
        new ThreadPoolExecutor(
            count,
            count,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            RequestThreads::newThread) {
          @Override
          protected void beforeExecute(Thread thread, Runnable request) {
            synchronized (busy) {
              busy.put(request, thread);
              endOldestIfOneWaits();
            }
          }

          @Override
          protected void afterExecute(Runnable request, @Nullable Throwable failure) {
            synchronized (busy) {
              busy.remove(request);
              var unused = Thread.interrupted();
            }
          }
        };
    threads.allowCoreThreadTimeOut(true);
  }

  private static Thread newThread(Runnable task) {
    Thread thread = new Thread(task, "web");
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public void execute(Runnable request) {
    threads.execute(request);
    synchronized (busy) {
      endOldestIfOneWaits();
    }
  }

  /** One at a time: the next goes when its thread has begun another request. */
  private void endOldestIfOneWaits() {
    if (busy.size() == threads.getMaximumPoolSize() && !threads.getQueue().isEmpty()) {
      Iterator<Thread> oldest = busy.values().iterator();
      oldest.next().interrupt();
      oldest.remove();
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
