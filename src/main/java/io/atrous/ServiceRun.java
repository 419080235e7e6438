package io.atrous;

import io.atrous.SegmentationService.End;
import io.atrous.settings.ReloadTrigger;

/**
 * The process of a service: SIGTERM drains it, SIGHUP reloads its model, and the exit code says how
 * it ended.
 *
 * <p>A device that hangs ends the process at once, by {@link Runtime#halt}: no shutdown hook runs,
 * nothing is drained, committed or written, and no thread is waited for, for one of them may never
 * come back from the device.
 */
public final class ServiceRun {

  private ServiceRun() {}

  /**
   * Waits for the end of a service.
   *
   * @param reload the trigger of model reloads
   * @return the exit code of the process ({@link End#exitCode}); if the device hangs, this does not
   *     return
   */
  public static int untilEnd(SegmentationService service, ReloadTrigger reload)
      throws InterruptedException {
    if (reload != ReloadTrigger.NONE) {
      HangUpSignal.handle(service::reloadModel);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> drain(service), "drain"));
    End end = service.awaitEnd();
    if (end == End.DEVICE_HUNG) {
      Runtime.getRuntime().halt(end.exitCode());
    }
    return end.exitCode();
  }

  /** Ends the process itself: after a signal the JVM would report the signal, not the outcome. */
  private static void drain(SegmentationService service) {
    service.close();
    Runtime.getRuntime().halt(service.end().exitCode());
  }
}
