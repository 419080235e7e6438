package io.atrous.stream;

import io.atrous.inference.EngineMask;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.SegmentationEngine;
import java.nio.ByteBuffer;
import java.util.List;

/** A network for the frames of {@link EventFormat}: two classes, and failures by script. */
class ScriptedNetwork implements SegmentationEngine {

  /** Throws what a call is to throw. */
  void fail(List<ByteBuffer> images) {}

  /** The class of a pixel. */
  int label(ByteBuffer image, int pixel) {
    return image.get(3 * pixel) & 1;
  }

  @Override
  public EngineProfile profile() {
    return new EngineProfile(
        "scripted", "fp32", EventFormat.SIDE, EventFormat.SIDE, RealPipeline.MAX_BATCH);
  }

  @Override
  public List<EngineMask> segment(List<ByteBuffer> images) {
    fail(images);
    return images.stream().map(this::mask).toList();
  }

  private EngineMask mask(ByteBuffer image) {
    byte[] labels = new byte[image.capacity() / 3];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (byte) label(image, i);
    }
    return new EngineMask(labels, null);
  }

  @Override
  public void close() {}
}
