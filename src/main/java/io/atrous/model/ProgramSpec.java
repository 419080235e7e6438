package io.atrous.model;

/**
 * How a TorchScript program of somebody else's takes images and gives logits. Its {@code forward}
 * takes one float32 tensor of normalised images and gives the logits, float [N, classes, h, w] of
 * any h and w; or a dictionary with them under {@code out}, as torchvision's networks do; or a
 * tuple that begins with them.
 *
 * @param layout the layout of a batch of images
 * @param channels the order of their channels; normalisation is given for RGB all the same
 * @param alignCorners true if the logits are brought to the input size with corners aligned, should
 *     they be of another
 */
public record ProgramSpec(TensorLayout layout, ChannelOrder channels, boolean alignCorners) {

  /** The order of a batch's dimensions. */
  public enum TensorLayout {
    /** [N, 3, H, W]. */
    NCHW,
    /** [N, H, W, 3]. */
    NHWC
  }

  /** The order of a pixel's numbers. */
  public enum ChannelOrder {
    RGB,
    BGR
  }
}
