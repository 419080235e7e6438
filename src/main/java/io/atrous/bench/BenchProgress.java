package io.atrous.bench;

/** Hears how a bench comes along. */
@FunctionalInterface
public interface BenchProgress {

  /**
   * Something was done.
   *
   * @param fraction the fraction of all there is to do, 0..1
   * @param what is being measured
   */
  void at(double fraction, String what);
}
