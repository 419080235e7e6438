package io.atrous.inference;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * An engine of small images that labels a pixel by its red value, and whose failures are scripted.
 *
 * <p><b>Threading:</b> none.
 */
class ScriptedEngine implements SegmentationEngine {

  static final int HEIGHT = 20;
  static final int WIDTH = 30;
  private static final int BYTES = HEIGHT * WIDTH * 3;

  /** The sizes of the batches that came, the failed ones included. */
  final List<Integer> calls = new ArrayList<>();

  private final int maxBatchSize;

  ScriptedEngine(int maxBatchSize) {
    this.maxBatchSize = maxBatchSize;
  }

  /** An image all of one red value, which is its label. */
  static ByteBuffer image(int red) {
    ByteBuffer image = ByteBuffer.allocateDirect(BYTES);
    for (int i = 0; i < BYTES; i += 3) {
      image.put(i, (byte) red);
    }
    return image;
  }

  /** What {@link #image} was made of; something else for other images. */
  static int red(ByteBuffer image) {
    return image.get(1) == 0 ? Byte.toUnsignedInt(image.get(0)) : -1;
  }

  /** Fails a call, by throwing; called before it is answered. */
  void fail(List<ByteBuffer> images) {}

  /** Changes the labels of an image. */
  void garble(byte[] labels) {}

  @Override
  public EngineProfile profile() {
    return new EngineProfile("scripted", "fp32", HEIGHT, WIDTH, maxBatchSize);
  }

  @Override
  public List<EngineMask> segment(List<ByteBuffer> images) {
    calls.add(images.size());
    fail(images);
    return images.stream().map(this::mask).toList();
  }

  private EngineMask mask(ByteBuffer image) {
    byte[] labels = new byte[HEIGHT * WIDTH];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = image.get(3 * i);
    }
    garble(labels);
    return new EngineMask(labels, null);
  }

  @Override
  public void close() {}
}
