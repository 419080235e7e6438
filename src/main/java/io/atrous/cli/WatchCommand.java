package io.atrous.cli;

import io.atrous.watch.CameraFigures;
import io.atrous.watch.OutcomeTopics;
import io.atrous.watch.WatchedCameras;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code atrous watch}: what a service writes, live. */
@Command(
    name = "watch",
    description = {
      "Shows what a service writes, camera by camera, from now on.",
      "It takes the service's settings: brokers, registry, security and output topics. It reads what"
          + " is committed, joins no group and commits nothing. Ctrl-C ends it."
    })
final class WatchCommand implements Callable<Integer> {

  private static final Duration POLL = Duration.ofMillis(100);
  private static final int LOGGED_COLUMNS = 120;

  private final Clock clock;
  private final AtomicBoolean stopping = new AtomicBoolean();

  @Mixin private Invocation invocation = new Invocation();
  @Mixin private ConfigOptions config = new ConfigOptions();

  @Option(
      names = "--json",
      description = "Print one JSON object a line, for each camera, instead of a table.")
  private boolean json;

  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      description = {
        "Time from one picture to the next.",
        "  Default: 1; 10 where it is no terminal"
      })
  private @Nullable Double intervalSeconds;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = {"How long to watch.", "  Default: until it is stopped"})
  private @Nullable Double seconds;

  WatchCommand() {
    this(Clock.systemUTC());
  }

  WatchCommand(Clock clock) {
    this.clock = clock;
  }

  @Override
  public Integer call() throws Exception {
    boolean terminal = !json && Screen.isThere();
    Duration interval = duration("--interval", intervalSeconds, terminal || json ? 1 : 10);
    Duration length = duration("--seconds", seconds, Integer.MAX_VALUE);
    try (OutcomeTopics topics = OutcomeTopics.open(config.readForTools(), clock)) {
      WatchedCameras cameras = new WatchedCameras(clock);
      return OrderlyEnd.of(
          () -> {
            watch(topics, cameras, interval, length, terminal);
            if (cameras.unreadableRecords() > 0) {
              invocation.err().printf("%d records are no events%n", cameras.unreadableRecords());
              invocation.err().flush();
            }
            return 0;
          },
          () -> stopping.set(true));
    }
  }

  private Duration duration(String option, @Nullable Double given, double otherwise) {
    double value = given == null ? otherwise : given;
    if (!(value >= 0.001 && value <= Integer.MAX_VALUE)) {
      throw invocation.refused(option + " must be 0.001 or more, not " + value);
    }
    return Duration.ofNanos(Math.round(value * 1e9));
  }

  private void watch(
      OutcomeTopics topics,
      WatchedCameras cameras,
      Duration interval,
      Duration length,
      boolean terminal) {
    WatchTable table = new WatchTable(colours());
    if (terminal) {
      try (Screen screen = new Screen(invocation.out())) {
        read(
            topics,
            cameras,
            interval,
            length,
            figures -> {
              Screen.Size size = Screen.size();
              screen.draw(table.lines(figures, size.columns(), size.rows()));
            });
      }
      print(table.lines(cameras.figures(), Screen.size().columns(), Integer.MAX_VALUE));
    } else if (json) {
      read(topics, cameras, interval, length, this::printJson);
    } else {
      read(
          topics,
          cameras,
          interval,
          length,
          figures -> print(table.lines(figures, LOGGED_COLUMNS, Integer.MAX_VALUE)));
    }
  }

  /** Reads, and shows the figures each time that the interval is over, and at the end. */
  private void read(
      OutcomeTopics topics,
      WatchedCameras cameras,
      Duration interval,
      Duration length,
      Consumer<List<CameraFigures>> show) {
    Instant end = clock.instant().plus(length);
    Instant next = clock.instant().plus(interval);
    while (!stopping.get() && clock.instant().isBefore(end) && !invocation.out().checkError()) {
      topics.read(POLL, cameras);
      if (!clock.instant().isBefore(next)) {
        show.accept(cameras.figures());
        next = clock.instant().plus(interval);
      }
    }
    show.accept(cameras.figures());
  }

  private void printJson(List<CameraFigures> figures) {
    Instant now = clock.instant();
    figures.forEach(camera -> invocation.out().println(WatchJson.line(camera, now)));
    invocation.out().flush();
  }

  private void print(List<String> lines) {
    PrintWriter out = invocation.out();
    lines.forEach(out::println);
    out.flush();
  }

  /** By https://no-color.org. */
  private static boolean colours() {
    return Terminal.isThere();
  }
}
