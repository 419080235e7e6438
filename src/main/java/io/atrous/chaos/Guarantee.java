package io.atrous.chaos;

/**
 * Something the service promises to whoever reads its topics: said in prose by the class, held
 * against what was sent and what was read by {@link #check}.
 *
 * <p>A check presumes that the service has come to rest: cameras off, every frame committed, no
 * transaction open.
 *
 * <p><b>Threading:</b> implementations are immutable.
 */
public interface Guarantee {

  /** Looks for frames and outcomes that break the promise. */
  Verdict check(Ledger sent, DownstreamReading read);
}
