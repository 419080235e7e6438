package io.atrous.training;

/** The length of a training, in steps or in time. */
public sealed interface TrainingLength {

  /**
   * The part of the training that is over before a step, 0 to 1; at 1 there is no such step.
   *
   * @param step the step, from 0
   * @param elapsedNanos the nanoseconds that were trained so far, over all processes
   */
  double done(int step, long elapsedNanos);

  /** A number of steps. */
  record Steps(int count) implements TrainingLength {
    public Steps {
      if (count < 1) {
        throw new IllegalArgumentException("a training has at least one step, not " + count);
      }
    }

    /**
     * As many as show every sample so often, rounded up.
     *
     * @param samples the number of samples in an epoch
     * @param samplesPerStep the number of samples that a step takes
     */
    public static Steps ofEpochs(int epochs, int samples, int samplesPerStep) {
      long shown = Math.multiplyExact((long) epochs, samples);
      return new Steps(Math.toIntExact((shown + samplesPerStep - 1) / samplesPerStep));
    }

    @Override
    public double done(int step, long elapsedNanos) {
      return Math.min(1, (double) step / count);
    }
  }

  /** A time, which also lets the rate fall: how many steps it takes depends on the machine. */
  record Time(long nanos) implements TrainingLength {
    public Time {
      if (nanos < 1) {
        throw new IllegalArgumentException("a training takes some time, not " + nanos + " ns");
      }
    }

    @Override
    public double done(int step, long elapsedNanos) {
      return Math.min(1, (double) elapsedNanos / nanos);
    }
  }
}
