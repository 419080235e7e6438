package io.atrous.frame;

/**
 * A frame decoded for a network's input.
 *
 * @param geometry how the whole frame lies in the input
 * @param picture of the frame, at its size or at a half, a quarter or an eighth of it, rounded up,
 *     that leaves two pixels or more for one of the input
 */
public record FittedFrame(FrameGeometry geometry, RgbImage picture) {}
