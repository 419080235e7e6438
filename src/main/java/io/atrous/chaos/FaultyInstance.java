package io.atrous.chaos;

import io.atrous.Engines;
import io.atrous.SegmentationService;
import io.atrous.ServiceRun;
import io.atrous.process.ParentProcess;
import io.atrous.settings.ReloadTrigger;
import io.atrous.settings.ServiceConfig;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The main class of an instance: what {@code bin/atrous run} does with the same configuration,
 * around an engine that can be told to misbehave. Only chaos starts it; no command and no setting
 * leads here.
 *
 * <p>A request is an {@link EngineFault}, which is from then on the engine's, or {@value #REPORT}.
 */
final class FaultyInstance {

  static final String REPORT = "report";

  private FaultyInstance() {}

  /**
   * What an instance says of itself.
   *
   * @param shedFrames the number of frames that it has counted as shed
   * @param liveHeapBytes the bytes in use after the last collection of the whole heap
   */
  record Report(long shedFrames, long liveHeapBytes) {

    static Report parse(String line) {
      String[] words = line.split(" ", -1);
      return new Report(Long.parseLong(words[0]), Long.parseLong(words[1]));
    }

    @Override
    public String toString() {
      return shedFrames + " " + liveHeapBytes;
    }
  }

  /**
   * Runs an instance.
   *
   * @param arguments a directory that is the instance's own, the milliseconds that each image takes
   *     the engine at least, and settings as key=value
   */
  public static void main(String[] arguments) throws InterruptedException {
    ParentProcess parent = ParentProcess.connect(Path.of(arguments[0]));
    AtomicReference<EngineFault> fault = new AtomicReference<>(EngineFault.NONE);
    CompletableFuture<SegmentationService> started = new CompletableFuture<>();
    Thread answering =
        new Thread(() -> parent.answer(request -> answer(request, started, fault)), "answers");
    answering.setDaemon(true);
    answering.start();
    Duration perImage = Duration.ofMillis(Long.parseLong(arguments[1]));
    int exitCode;
    try {
      exitCode =
          ServiceRun.of(
              () -> {
                ServiceConfig config =
                    ServiceConfig.of(
                        settings(Arrays.asList(arguments).subList(2, arguments.length)));
                SegmentationService service =
                    SegmentationService.start(
                        config,
                        Engines.of(config)
                            .wrappedBy(engine -> new FaultyEngine(engine, perImage, fault)));
                started.complete(service);
                return service;
              },
              ReloadTrigger.NONE);
    } catch (RuntimeException e) {
      System.err.println("The instance can't start: " + e);
      exitCode = 2;
    }
    System.exit(exitCode);
  }

  private static String answer(
      String request,
      CompletableFuture<SegmentationService> started,
      AtomicReference<EngineFault> fault) {
    if (request.equals(REPORT)) {
      return report(started.join()).toString();
    }
    fault.set(EngineFault.valueOf(request));
    return request;
  }

  private static Report report(SegmentationService service) {
    // What lives, not what happens to lie about: the old collector's figures are of long ago.
    System.gc();
    long liveBytes =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .filter(pool -> pool.getCollectionUsage() != null)
            .mapToLong(pool -> pool.getCollectionUsage().getUsed())
            .sum();
    return new Report(service.shedFrames().shed(), liveBytes);
  }

  private static Map<String, String> settings(List<String> arguments) {
    Map<String, String> settings = new HashMap<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      settings.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
    return settings;
  }
}
