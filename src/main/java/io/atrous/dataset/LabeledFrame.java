package io.atrous.dataset;

import io.atrous.frame.EncodedFrame;
import io.atrous.mask.Mask;

/**
 * A frame as a camera sends it, and what each of its pixels is.
 *
 * @param frame the frame; its pixels are those of the stored picture, whatever EXIF says
 * @param labels uint8 [H, W] of the frame's size, class indices, 255 = ignore
 */
public record LabeledFrame(EncodedFrame frame, Mask labels) {}
