package io.atrous.checkpoint;

import io.atrous.model.StorageType;

/**
 * The agreement of a model's logits with a reference's.
 *
 * @param relativeError {@code ‖model − reference‖₂ / ‖reference‖₂} over all logits
 * @param labelAgreement the part of the pixels, 0 to 1, whose greatest logit is the same class's
 */
public record Agreement(double relativeError, double labelAgreement) {

  /**
   * The greatest relative error of a right import. Between fp32 and fp32 it is some 1e-6; a wrong
   * dilation, rate or upsampling makes 1e-2 and more.
   *
   * @param type the type that rounded the weights, in the checkpoint or in the model
   */
  public static double limit(StorageType type) {
    return switch (type) {
      case F32 -> 1e-3;
      case F16 -> 5e-3;
      case BF16 -> 3e-2;
    };
  }
}
