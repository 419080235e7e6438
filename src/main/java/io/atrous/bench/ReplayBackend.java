package io.atrous.bench;

import io.atrous.inference.EngineBackend;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.SegmentationEngine;
import io.atrous.model.Model;
import java.util.List;

/**
 * The null backend: its engines compute nothing and answer with recorded masks.
 *
 * <p><b>Threading:</b> immutable.
 */
record ReplayBackend(RecordedMasks recorded) implements EngineBackend {

  @Override
  public String name() {
    return "Replay";
  }

  @Override
  public List<ExecutionTarget.Cuda> devices() {
    return List.of();
  }

  @Override
  public SegmentationEngine start(Model model, EngineSettings settings) {
    return new ReplayEngine(recorded, settings);
  }
}
