package io.atrous.inference;

import java.nio.ByteBuffer;
import java.util.List;

/** An engine of square images that labels every pixel 0. */
public class BlankEngine implements SegmentationEngine {

  private final int side;
  private final int maxBatchSize;

  public BlankEngine(int side, int maxBatchSize) {
    this.side = side;
    this.maxBatchSize = maxBatchSize;
  }

  @Override
  public EngineProfile profile() {
    return new EngineProfile("test", "fp32", side, side, maxBatchSize);
  }

  @Override
  public List<EngineMask> segment(List<ByteBuffer> images) {
    return images.stream().map(image -> new EngineMask(new byte[side * side], null)).toList();
  }

  @Override
  public void close() {}
}
