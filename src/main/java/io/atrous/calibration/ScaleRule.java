package io.atrous.calibration;

import java.util.Locale;

/** Rules by which a tensor's scale is chosen from the numbers that were seen in it. */
public enum ScaleRule {
  /** The greatest magnitude that was seen just fits. */
  MAX {
    @Override
    double limit(ActivationHistogram seen) {
      return seen.greatest();
    }
  },

  /** All but one number in ten thousand fit. */
  PERCENTILE {
    @Override
    double limit(ActivationHistogram seen) {
      return seen.percentile(0.9999);
    }
  },

  /** The mean squared error of the stored numbers is least: greater ones may be cut off. */
  MSE {
    @Override
    double limit(ActivationHistogram seen) {
      double best = seen.greatest();
      double least = Double.MAX_VALUE;
      for (int step = CANDIDATES; step > 0; step--) {
        double limit = seen.greatest() * (double) step / CANDIDATES;
        double error = seen.squaredError(limit / seen.levels());
        if (error < least) {
          least = error;
          best = limit;
        }
      }
      return best;
    }
  };

  private static final int CANDIDATES = 128;

  /** Returns the greatest magnitude that is stored without being cut off. */
  abstract double limit(ActivationHistogram seen);

  /** Returns the real number that the stored number 1 means. */
  float scale(ActivationHistogram seen) {
    return Math.max((float) (limit(seen) / seen.levels()), Float.MIN_NORMAL);
  }

  /** Returns the rule's name for people. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
