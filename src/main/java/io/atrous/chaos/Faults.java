package io.atrous.chaos;

import io.atrous.event.Topics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The faults in and around an instance, and how often each occurs in a long run. */
final class Faults {

  private static final int REGISTRY_PATIENCE_MILLIS = 20_000;
  private static final int REGISTRY_DOWN_MILLIS = 3_000;
  private static final int BROKER_DOWN_MILLIS = 2_000;
  private static final int START_MILLIS = 6_000;
  private static final int STRANGER_PATIENCE_MILLIS = 8_000;
  private static final int STRANGER_MILLIS = 10_000;
  private static final int STRANGER_RETRY_MILLIS = 500;
  private static final int SLOW_MILLIS = 5_000;
  private static final int REFUSED_MILLIS = 10_000;
  private static final int SMALL_RECORD_BYTES = 2_048;
  private static final double SLOW_BYTES_PER_SECOND = 50_000;
  private static final int EXIT_PATIENCE_MILLIS = 60_000;

  private Faults() {}

  /** SIGKILL of an instance while frames of its partitions are in flight. */
  record Kill() implements Fault {
    @Override
    public String name() {
      return "kill";
    }

    @Override
    public void strike(ChaosWorld world) throws InterruptedException {
      ServiceProcess instance = world.anyInstance();
      world.awaitFramesInFlight(instance);
      world.kill(instance);
    }
  }

  /** SIGKILL of an instance at any moment. */
  record KillBlindly() implements Fault {
    @Override
    public String name() {
      return "kill blindly";
    }

    @Override
    public void strike(ChaosWorld world) throws InterruptedException {
      world.kill(world.anyInstance());
    }
  }

  /** SIGKILL of an instance, and again while it starts or joins. */
  record KillTwice() implements Fault {
    @Override
    public String name() {
      return "kill twice";
    }

    @Override
    public void strike(ChaosWorld world) throws InterruptedException {
      ServiceProcess first = world.anyInstance();
      world.kill(first);
      world.await("the instance starts again", () -> !world.fleet().instances().contains(first));
      world.pause(world.random().nextInt(START_MILLIS));
      world.kill(world.anyInstance());
    }
  }

  /** SIGKILL of all instances at once. */
  record KillAll() implements Fault {
    @Override
    public String name() {
      return "kill all";
    }

    @Override
    public void strike(ChaosWorld world) throws InterruptedException {
      for (ServiceProcess instance : world.fleet().instances()) {
        world.kill(instance);
      }
    }
  }

  /** SIGTERM of an instance, which drains. */
  record Terminate() implements Fault {
    @Override
    public String name() {
      return "terminate";
    }

    @Override
    public void strike(ChaosWorld world) throws InterruptedException {
      ServiceProcess instance = world.anyInstance();
      instance.terminate();
      awaitExit(instance);
    }
  }

  /** An instance more, and after a while one less: two rebalances. */
  record ScaleOutAndIn() implements Fault {
    @Override
    public String name() {
      return "scale out and in";
    }

    @Override
    public void strike(ChaosWorld world) throws InterruptedException {
      world.fleet().add();
      world.awaitWork();
      world.pause(world.random().nextInt(2_000));
      scaleIn(world);
    }
  }

  /**
   * An instance stands still for longer than its session and its transaction may last, while
   * another takes its work, and then goes on as if nothing had been.
   */
  record Freeze() implements Fault {
    @Override
    public String name() {
      return "freeze";
    }

    @Override
    public void strike(ChaosWorld world) throws IOException, InterruptedException {
      ServiceProcess frozen = world.anyInstance();
      world.fleet().add();
      world.awaitWork();
      frozen.freeze();
      try {
        Timeouts timeouts = world.options().timeouts();
        world.pause(Math.max(timeouts.sessionMillis(), timeouts.transactionMillis()) + 2_000);
      } finally {
        frozen.thaw();
      }
      world.pause(1_000);
      scaleIn(world);
    }
  }

  /** A broker loses its power, and comes back with its disk. */
  record BrokerRestart() implements Fault {
    @Override
    public String name() {
      return "broker restart";
    }

    @Override
    public void strike(ChaosWorld world) throws IOException, InterruptedException {
      int broker = world.random().nextInt(world.kafka().brokers());
      world.kafka().kill(broker);
      world.pause(world.random().nextInt(BROKER_DOWN_MILLIS));
      world.kafka().restart(broker);
    }
  }

  /**
   * A broker's disk is full: the broker gives its only disk up, and ends. Somebody makes room and
   * starts it again.
   */
  record DiskFull() implements Fault {
    @Override
    public String name() {
      return "disk full";
    }

    @Override
    public void strike(ChaosWorld world) throws IOException, InterruptedException {
      int broker = ChaosWorld.BROKER_ON_DISK;
      world.disk().fill();
      try {
        world.await(
            "the broker ends", EXIT_PATIENCE_MILLIS, () -> !world.kafka().isRunning(broker));
      } finally {
        world.disk().free();
      }
      world.kafka().kill(broker);
      world.kafka().restart(broker);
    }
  }

  /**
   * The registry fails for longer than the service tries again, while cameras begin to write with a
   * schema that no instance knows.
   */
  record RegistryOutage() implements Fault {
    @Override
    public String name() {
      return "registry outage";
    }

    @Override
    public void strike(ChaosWorld world) throws InterruptedException {
      List<ServiceProcess> before = world.fleet().instances();
      int schemaId = world.traffic().registerSchema();
      world.registry().suspend();
      try {
        world.traffic().writeWithSchema(schemaId);
        world.await(
            "an instance gives the registry up",
            REGISTRY_PATIENCE_MILLIS,
            () -> !world.fleet().instances().equals(before));
        world.pause(REGISTRY_DOWN_MILLIS);
      } finally {
        world.registry().resume();
      }
    }
  }

  /**
   * All instances are killed, and before they are back a consumer of another program takes their
   * group: they can't join until it goes. Where they are back before their old members' sessions
   * are over, the consumer is the one that can't join.
   */
  record StrangerInTheGroup() implements Fault {
    @Override
    public String name() {
      return "stranger in the group";
    }

    @Override
    public void strike(ChaosWorld world) throws InterruptedException {
      try (Stranger stranger = world.group().stranger()) {
        for (ServiceProcess instance : world.fleet().instances()) {
          world.kill(instance);
        }
        stay(world, stranger, STRANGER_PATIENCE_MILLIS, true);
        stay(world, stranger, STRANGER_MILLIS, false);
      }
    }

    /** Keeps the stranger busy for some time, or until it is in. */
    private static void stay(ChaosWorld world, Stranger stranger, int millis, boolean untilItIsIn)
        throws InterruptedException {
      long startNanos = System.nanoTime();
      while (System.nanoTime() - startNanos < TimeUnit.MILLISECONDS.toNanos(millis)) {
        boolean isIn = stranger.poll();
        if (isIn && untilItIsIn) {
          return;
        }
        // A consumer that is refused does not wait for its poll's time, and logs an error each
        // time.
        world.pause(isIn ? 1 : STRANGER_RETRY_MILLIS);
      }
    }
  }

  /** An instance with one topic more is in the group, as in an update that stopped half way. */
  record OtherTopicsInTheGroup() implements Fault {
    @Override
    public String name() {
      return "other topics in the group";
    }

    @Override
    public void strike(ChaosWorld world) throws IOException, InterruptedException {
      ServiceProcess other = world.launchWithOneTopicMore();
      try {
        world.pause(STRANGER_PATIENCE_MILLIS + STRANGER_MILLIS);
        other.terminate();
        awaitExit(other);
        world.fleet().noteExit(other);
      } finally {
        other.kill();
      }
    }
  }

  /** The broker takes outcomes at a trickle. */
  record SlowTopics() implements Fault {
    @Override
    public String name() {
      return "slow topics";
    }

    @Override
    public void strike(ChaosWorld world) throws InterruptedException {
      world.group().limitProducers(SLOW_BYTES_PER_SECOND);
      try {
        world.pause(SLOW_MILLIS);
      } finally {
        world.group().limitProducers(null);
      }
    }
  }

  /**
   * The topic of dead letters takes small ones only, for a while and without notice: letters that
   * carry their source are refused.
   */
  record RefusedOutcome() implements Fault {
    @Override
    public String name() {
      return "refused outcome";
    }

    @Override
    public void strike(ChaosWorld world) throws InterruptedException {
      world.group().limitRecords(Topics.DEAD_LETTERS, SMALL_RECORD_BYTES);
      try {
        world.pause(REFUSED_MILLIS);
      } finally {
        world.group().limitRecords(Topics.DEAD_LETTERS, null);
      }
    }
  }

  /** The engine of an instance fails once, independent of the frames in the batch. */
  record EngineFailsOnce() implements Fault {
    @Override
    public String name() {
      return "engine fails once";
    }

    @Override
    public void strike(ChaosWorld world) throws InterruptedException {
      world.anyInstance().inject(EngineFault.FAILS_ONCE);
    }
  }

  /** The device of an instance has memory for one image only, for a while. */
  record DeviceOutOfMemory() implements Fault {
    @Override
    public String name() {
      return "device out of memory";
    }

    @Override
    public void strike(ChaosWorld world) throws InterruptedException {
      ServiceProcess instance = world.anyInstance();
      instance.inject(EngineFault.OUT_OF_MEMORY);
      world.pause(SLOW_MILLIS);
      instance.inject(EngineFault.NONE);
    }
  }

  /** The engine of an instance breaks for good: the instance must end. */
  record EngineBreaks() implements Fault {
    @Override
    public String name() {
      return "engine breaks";
    }

    @Override
    public void strike(ChaosWorld world) throws InterruptedException {
      endBy(world, EngineFault.BROKEN);
    }
  }

  /** The device of an instance never comes back from a call: the instance must end. */
  record DeviceHangs() implements Fault {
    @Override
    public String name() {
      return "device hangs";
    }

    @Override
    public void strike(ChaosWorld world) throws InterruptedException {
      endBy(world, EngineFault.HANGS);
    }
  }

  private static void endBy(ChaosWorld world, EngineFault fault) throws InterruptedException {
    ServiceProcess instance = world.anyInstance();
    instance.inject(fault);
    if (!instance.awaitExit(EXIT_PATIENCE_MILLIS)) {
      throw new ChaosFailedException(
          "An instance whose engine is %s did not end within %d s"
              .formatted(fault, EXIT_PATIENCE_MILLIS / 1000),
          null);
    }
  }

  /** Faults without end, mostly kills, in an order that the seed says. */
  static Iterator<Fault> drawn(ChaosOptions options) {
    Random random = new Random(options.seed());
    return Stream.generate(
            () -> {
              List<Fault> deck = deck(options);
              Collections.shuffle(deck, random);
              return deck;
            })
        .flatMap(List::stream)
        .iterator();
  }

  /** The faults of some minutes. */
  private static List<Fault> deck(ChaosOptions options) {
    List<Fault> deck = new ArrayList<>(Collections.nCopies(10, new Kill()));
    deck.addAll(Collections.nCopies(2, new KillBlindly()));
    deck.addAll(Collections.nCopies(2, new Terminate()));
    deck.add(new KillTwice());
    if (options.instances() > 1) {
      deck.add(new KillAll());
    }
    deck.add(new ScaleOutAndIn());
    deck.add(new Freeze());
    deck.add(new BrokerRestart());
    if (options.smallDisk()) {
      deck.add(new DiskFull());
    }
    deck.add(new RegistryOutage());
    deck.add(new StrangerInTheGroup());
    deck.add(new OtherTopicsInTheGroup());
    deck.add(new SlowTopics());
    deck.add(new RefusedOutcome());
    deck.add(new EngineFailsOnce());
    deck.add(new DeviceOutOfMemory());
    deck.add(new EngineBreaks());
    deck.add(new DeviceHangs());
    return deck;
  }

  private static void scaleIn(ChaosWorld world) throws InterruptedException {
    ServiceProcess last = world.fleet().takeLast();
    last.terminate();
    awaitExit(last);
    world.fleet().noteExit(last);
  }

  private static void awaitExit(ServiceProcess instance) throws InterruptedException {
    if (!instance.awaitExit(EXIT_PATIENCE_MILLIS)) {
      throw new ChaosFailedException(
          "An instance did not stop within %d s of SIGTERM".formatted(EXIT_PATIENCE_MILLIS / 1000),
          null);
    }
  }
}
