package io.atrous;

import io.atrous.stream.ShedFrames;
import io.atrous.stream.ShedFrames.Counts;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs which frames were shed, at most once per interval and when it is closed.
 *
 * <p><b>Threading:</b> thread-safe; owns one thread.
 */
final class ShedFramesLog implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ShedFramesLog.class);

  private final ShedFrames frames;
  private final ScheduledExecutorService timer;
  private Counts logged;

  private ShedFramesLog(ShedFrames frames) {
    this.frames = frames;
    this.logged = frames.counts();
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "shed-frames-log");
              thread.setDaemon(true);
              return thread;
            });
  }

  static ShedFramesLog start(ShedFrames frames, Duration interval) {
    ShedFramesLog log = new ShedFramesLog(frames);
    var unused =
        log.timer.scheduleAtFixedRate(
            log::summarize, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    return log;
  }

  @Override
  public void close() {
    timer.shutdownNow();
    summarize();
  }

  private synchronized void summarize() {
    Counts now = frames.counts();
    Counts news = now.since(logged);
    logged = now;
    if (!news.isEmpty()) {
      LOG.warn("{}", news);
    }
  }
}
