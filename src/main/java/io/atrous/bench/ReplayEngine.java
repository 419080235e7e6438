package io.atrous.bench;

import io.atrous.inference.EngineMask;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.SegmentationEngine;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The null engine: computes nothing and answers with recorded masks in turn, so that all the rest
 * of a service has its real work. Only a bench can start a service on it.
 *
 * <p><b>Threading:</b> confined to its lane.
 */
final class ReplayEngine implements SegmentationEngine {

  private final RecordedMasks recorded;
  private final EngineProfile profile;
  private final boolean confidence;
  private int next;

  ReplayEngine(RecordedMasks recorded, EngineSettings settings) {
    if (settings.inputHeight() != recorded.height() || settings.inputWidth() != recorded.width()) {
      throw new IllegalArgumentException("the masks were recorded at another size");
    }
    this.recorded = recorded;
    this.confidence = settings.confidence();
    this.profile =
        new EngineProfile(
            "none", "none", recorded.height(), recorded.width(), settings.maxBatchSize());
  }

  @Override
  public EngineProfile profile() {
    return profile;
  }

  @Override
  public List<EngineMask> segment(List<ByteBuffer> images) {
    List<EngineMask> masks = new ArrayList<>(images.size());
    for (int i = 0; i < images.size(); i++) {
      EngineMask mask = recorded.masks().get(next);
      next = (next + 1) % recorded.masks().size();
      byte[] certainty = mask.confidence();
      // Handed out as a copy, as real engines do.
      masks.add(
          new EngineMask(
              mask.labels().clone(), confidence && certainty != null ? certainty.clone() : null));
    }
    return masks;
  }

  @Override
  public void close() {}
}
