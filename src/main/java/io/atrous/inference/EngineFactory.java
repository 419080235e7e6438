package io.atrous.inference;

import io.atrous.model.Model;

/**
 * Makes engines.
 *
 * <p><b>Threading:</b> each engine is made on the lane that owns it.
 */
@FunctionalInterface
public interface EngineFactory {

  /** An engine that is warm. */
  SegmentationEngine start(Model model, EngineSettings settings);
}
