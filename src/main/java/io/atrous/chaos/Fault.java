package io.atrous.chaos;

import java.io.IOException;

/** Something that breaks, and is mended before {@link #strike} returns. */
interface Fault {

  /** What is injected, in a few words; the key in the report. */
  String name();

  /**
   * Breaks it. Whether the service works again afterwards is not the fault's business.
   *
   * @throws ChaosFailedException if it can't be broken
   */
  void strike(ChaosWorld world) throws IOException, InterruptedException;
}
