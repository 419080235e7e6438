package io.atrous.web;

import java.util.Map;

/**
 * The state of a process, as the probes of Kubernetes ask for it.
 *
 * <p><b>Threading:</b> thread-safe; answers at once.
 */
public interface Health {

  /**
   * The answer to a probe.
   *
   * @param up true if the probe succeeds
   * @param parts the state of each part that counts, by name, in the order to show them
   */
  record Report(boolean up, Map<String, String> parts) {}

  /** Whether it has come up: true once, it stays true. */
  Report started();

  /** Whether it does its work now. */
  Report ready();
}
