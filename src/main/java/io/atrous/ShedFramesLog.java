package io.atrous;

import io.atrous.stream.ShedFrames;
import io.atrous.stream.ShedFrames.Counts;
import java.time.Duration;
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
  private final Periodic timer;
  private Counts logged;

  private ShedFramesLog(ShedFrames frames, Duration interval) {
    this.frames = frames;
    this.logged = frames.counts();
    this.timer = Periodic.start("shed-frames-log", interval, this::summarize);
  }

  static ShedFramesLog start(ShedFrames frames, Duration interval) {
    return new ShedFramesLog(frames, interval);
  }

  @Override
  public void close() {
    timer.close();
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
