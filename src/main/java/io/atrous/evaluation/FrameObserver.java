package io.atrous.evaluation;

import io.atrous.dataset.LabeledFrame;
import io.atrous.frame.FrameRejectedException;

/**
 * Shows frames to a model in one of the ways of {@link TestProtocol}.
 *
 * <p><b>Threading:</b> confined to the engine's thread.
 */
interface FrameObserver {

  /**
   * Asks the model about a frame.
   *
   * @throws FrameRejectedException if the frame isn't a sound image
   */
  Observation observe(LabeledFrame frame) throws FrameRejectedException;
}
