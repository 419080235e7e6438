package io.atrous.chaos;

import io.atrous.settings.ProcessingGuarantee;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Breaks things around the service while cameras send, and checks the service's guarantees against
 * what came out.
 *
 * <p><b>Threading:</b> {@link #run} belongs to one thread; {@link #stop} may come from any.
 */
public final class Chaos {

  /** A fault strikes at any moment between two commits. */
  private static final int MAX_CALM_MILLIS = 1_500;

  private final ChaosOptions options;
  private final Iterator<Fault> faults;
  private final Consumer<String> progress;
  private final CountDownLatch stopping = new CountDownLatch(1);

  /**
   * @param progress hears in a line what happens
   */
  public Chaos(ChaosOptions options, Consumer<String> progress) {
    this(options, Faults.drawn(options), progress);
  }

  /**
   * @param faults strike one after another until there are no more
   */
  Chaos(ChaosOptions options, Iterator<Fault> faults, Consumer<String> progress) {
    this.options = options;
    this.faults = faults;
    this.progress = progress;
  }

  /** Gives up; {@link #run} ends everything and throws. */
  public void stop() {
    stopping.countDown();
  }

  /**
   * Runs to the end.
   *
   * @throws ChaosFailedException if the service does not come back from a fault, or {@link #stop}
   */
  public ChaosReport run() throws IOException, InterruptedException {
    progress.accept("Starting brokers, a registry, cameras and " + count());
    try (ChaosWorld world = ChaosWorld.start(options, stopping)) {
      long startNanos = System.nanoTime();
      Map<String, Integer> struck = strike(world, startNanos);
      progress.accept("No more faults: waiting until every frame is committed");
      DownstreamReading read = world.comeToRest();
      return report(world, struck, read, (System.nanoTime() - startNanos) / 1e9);
    }
  }

  private String count() {
    return options.instances() == 1 ? "one instance" : options.instances() + " instances";
  }

  private Map<String, Integer> strike(ChaosWorld world, long startNanos)
      throws IOException, InterruptedException {
    Map<String, Integer> struck = new LinkedHashMap<>();
    long lastNanos = startNanos + (long) (options.minutes() * TimeUnit.MINUTES.toNanos(1));
    Integer enough = options.kills();
    while (faults.hasNext()
        && System.nanoTime() - lastNanos < 0
        && (enough == null || world.killsWithFramesInFlight() < enough)) {
      Fault fault = faults.next();
      world.pause(world.random().nextInt(MAX_CALM_MILLIS));
      fault.strike(world);
      struck.merge(fault.name(), 1, Integer::sum);
      world.awaitWork();
      progress.accept(
          String.format(
              Locale.ROOT,
              "%6.1f s  %-16s  %d kills, %d with frames in flight; %d frames in, %d answered",
              (System.nanoTime() - startNanos) / 1e9,
              fault.name(),
              world.kills(),
              world.killsWithFramesInFlight(),
              world.traffic().framesIn(),
              world.downstream().distinctOutcomes()));
    }
    return struck;
  }

  private ChaosReport report(
      ChaosWorld world, Map<String, Integer> struck, DownstreamReading read, double seconds) {
    Ledger sent = world.traffic().ledger();
    Verdict answered = new EveryFrameHasOneOutcome().check(sent, read);
    Verdict once = new ExactlyOnce().check(sent, read);
    Verdict ordered = new OrderKeptPerCamera().check(sent, read);
    List<Verdict> promised =
        new ArrayList<>(
            List.of(
                answered,
                ordered,
                new PoisonNeverBlocks().check(sent, read),
                new NeighboursUnharmed().check(sent, read)));
    if (options.guarantee() == ProcessingGuarantee.EXACTLY_ONCE_V2) {
      promised.add(1, once);
    }
    Timeouts timeouts = options.timeouts();
    Map<String, Object> timeoutsMillis = new LinkedHashMap<>();
    timeoutsMillis.put("session.timeout.ms", timeouts.sessionMillis());
    timeoutsMillis.put("transaction.timeout.ms", timeouts.transactionMillis());
    timeoutsMillis.put("drain.timeout.ms", timeouts.drainMillis());
    timeoutsMillis.put("areDefault", timeouts.areDefault());
    return new ChaosReport(
        options.guarantee().key(),
        world.kills(),
        world.killsWithFramesInFlight(),
        struck,
        sent.size(),
        read.distinctOutcomes(),
        answered.count(EveryFrameHasOneOutcome.LOST),
        once.count(ExactlyOnce.DUPLICATED),
        ordered.count(OrderKeptPerCamera.REORDERED),
        sent.frames().stream().filter(frame -> frame.poison() != null).count(),
        promised.stream().filter(Verdict::kept).toList(),
        promised.stream().filter(verdict -> !verdict.kept()).toList(),
        options.instances(),
        options.groupProtocol(),
        options.seed(),
        seconds,
        timeoutsMillis,
        world.fleet().exits());
  }
}
