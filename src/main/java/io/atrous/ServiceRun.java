package io.atrous;

import io.atrous.SegmentationService.End;
import io.atrous.settings.ReloadTrigger;
import io.atrous.settings.StartException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The process of a service: SIGTERM drains it, SIGHUP reloads its model, and the exit code says how
 * it ended. SIGTERM before it has begun ends the process at once, with the exit code of an orderly
 * end: no frame has been taken yet.
 *
 * <p>A device that hangs ends the process at once, by {@link Runtime#halt}: no shutdown hook runs,
 * nothing is drained, committed or written, and no thread is waited for, for one of them may never
 * come back from the device.
 *
 * <p><b>Threading:</b> the service starts and is waited for on the caller's thread; a signal comes
 * on another.
 */
public final class ServiceRun {

  private final ReloadTrigger reload;
  private volatile boolean starting = true;
  private volatile @Nullable SegmentationService service;

  private ServiceRun(ReloadTrigger reload) {
    this.reload = reload;
  }

  /**
   * Starts a service and waits for its end.
   *
   * @param reload the trigger of model reloads
   * @return the exit code of the process ({@link End#exitCode}); if the device hangs, this does not
   *     return
   * @throws StartException if the service can't start, or the cluster refuses it when it joins
   */
  public static int of(Supplier<SegmentationService> start, ReloadTrigger reload)
      throws InterruptedException {
    ServiceRun run = new ServiceRun(reload);
    Runtime.getRuntime().addShutdownHook(new Thread(run::drain, "drain"));
    return run.untilEnd(start);
  }

  private int untilEnd(Supplier<SegmentationService> start) throws InterruptedException {
    SegmentationService started = started(start);
    if (reload != ReloadTrigger.NONE) {
      HangUpSignal.handle(started::reloadModel);
    }
    End end = started.awaitEnd();
    if (end == End.DEVICE_HUNG) {
      Runtime.getRuntime().halt(end.exitCode());
    }
    if (end == End.REFUSED && started.failure().orElseThrow() instanceof StartException refusal) {
      throw refusal;
    }
    return end.exitCode();
  }

  private SegmentationService started(Supplier<SegmentationService> start) {
    try {
      service = start.get();
      return service;
    } finally {
      starting = false;
    }
  }

  /** Ends the process itself: after a signal the JVM would report the signal, not the outcome. */
  private void drain() {
    boolean wasStarting = starting;
    SegmentationService begun = service;
    if (begun != null) {
      begun.close();
      Runtime.getRuntime().halt(begun.end().exitCode());
    } else if (wasStarting) {
      Runtime.getRuntime().halt(End.CLOSED.exitCode());
    }
  }
}
