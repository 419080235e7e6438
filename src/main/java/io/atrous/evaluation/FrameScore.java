package io.atrous.evaluation;

import java.util.OptionalDouble;

/**
 * How well a frame was labelled.
 *
 * @param index the frame's place among the frames
 * @param name the frame's name in messages for people
 */
record FrameScore(int index, String name, ClassCounts counts) {

  /** Returns the mean IoU over the classes that occur; empty if no pixel's truth is known. */
  OptionalDouble meanIntersectionOverUnion() {
    return counts.meanIntersectionOverUnion();
  }
}
