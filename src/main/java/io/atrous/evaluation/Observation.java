package io.atrous.evaluation;

import io.atrous.mask.Mask;

/**
 * What a model says of a frame, beside the truth; all masks have one size, in pixels of the frame.
 *
 * @param left the first column of the frame that was looked at
 * @param top the first row of the frame that was looked at
 * @param truth the labels of the part that was looked at
 * @param labels the predicted classes
 * @param confidence round(255 * p) of the predicted classes
 */
record Observation(int left, int top, Mask truth, Mask labels, Mask confidence) {}
