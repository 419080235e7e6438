package io.atrous.chaos;

/**
 * A guarantee of the service to the readers of its topics: described by the class, and checked by
 * {@link #check} against what was sent and what was read.
 *
 * <p>A check presumes that the service has come to rest: cameras off, every frame committed, no
 * transaction open.
 *
 * <p><b>Threading:</b> implementations are immutable.
 */
public interface Guarantee {

  /** Looks for frames and outcomes that violate the guarantee. */
  Verdict check(Ledger sent, DownstreamReading read);
}
