package io.atrous.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The service's instances, and who starts them again when they end, as an orchestrator does.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class Fleet implements AutoCloseable {

  private static final long LOOK_EVERY_MILLIS = 50;

  /** Knows how instances are started. */
  interface Launcher {

    /**
     * Starts an instance.
     *
     * @param slot the instance's place in the fleet, from 0
     * @param run which start of the fleet's instances this is, from 0
     */
    ServiceProcess launch(int slot, int run) throws IOException;
  }

  private final Launcher launcher;
  private final List<ServiceProcess> instances = new ArrayList<>();
  private final Map<Integer, Integer> exits = new TreeMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread supervisor = new Thread(this::supervise, "supervisor");
  private int runs;

  Fleet(Launcher launcher) {
    this.launcher = launcher;
    supervisor.setDaemon(true);
    supervisor.start();
  }

  /** Adds an instance. */
  synchronized ServiceProcess add() {
    ServiceProcess instance = launch(instances.size());
    instances.add(instance);
    return instance;
  }

  /** Takes the last instance out of the fleet; whoever asks ends it. */
  synchronized ServiceProcess takeLast() {
    return instances.remove(instances.size() - 1);
  }

  /** Those that run or will run again at once. */
  synchronized List<ServiceProcess> instances() {
    return List.copyOf(instances);
  }

  /** Returns the number of ended instances by exit code; 137 is SIGKILL. */
  synchronized Map<Integer, Integer> exits() {
    return new TreeMap<>(exits);
  }

  /** Notes an end that the fleet doesn't see. */
  synchronized void noteExit(ServiceProcess instance) {
    exits.merge(instance.exitCode(), 1, Integer::sum);
  }

  /** Kills what is left. */
  @Override
  public void close() {
    closed.countDown();
    boolean interrupted = false;
    for (ServiceProcess instance : instances()) {
      try {
        instance.kill();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    try {
      supervisor.join();
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void supervise() {
    try {
      while (!closed.await(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
        restartTheDead();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void restartTheDead() {
    for (int slot = 0; slot < instances.size() && closed.getCount() > 0; slot++) {
      ServiceProcess instance = instances.get(slot);
      if (!instance.isAlive()) {
        noteExit(instance);
        instances.set(slot, launch(slot));
      }
    }
  }

  private ServiceProcess launch(int slot) {
    try {
      return launcher.launch(slot, runs++);
    } catch (IOException e) {
      throw new UncheckedIOException("An instance of the service can't be started", e);
    }
  }
}
