package io.atrous.frame;

/**
 * A frame decoded for a network's input.
 *
 * @param geometry the position of the whole frame in the input
 * @param picture the decoded frame, at its own size or at a half, a quarter or an eighth of it,
 *     rounded up; a reduced one still has at least two pixels for one of the input, across and down
 */
public record FittedFrame(FrameGeometry geometry, RgbImage picture) {}
