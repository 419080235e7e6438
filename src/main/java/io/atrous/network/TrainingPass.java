package io.atrous.network;

/**
 * What a forward pass of training does otherwise than one of evaluation.
 *
 * @param batchNormFrozen true: batch norm normalises by its running statistics and leaves them as
 *     they are, as in evaluation; its factor and summand are trained all the same
 * @param dropout the probability with which a number of the projected context is left out; 0 leaves
 *     out none
 */
public record TrainingPass(boolean batchNormFrozen, double dropout) {

  /** Batch norm by the batch, no dropout. */
  public static final TrainingPass PLAIN = new TrainingPass(false, 0);

  public TrainingPass {
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException(
          "dropout is a probability of at least 0 and less than 1, not " + dropout);
    }
  }
}
