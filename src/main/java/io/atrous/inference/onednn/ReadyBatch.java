package io.atrous.inference.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_nchw;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network for so many images of one size, in an arena: images are put in, it runs, and what it
 * says of them is taken out, before another batch in the same arena runs.
 *
 * <p><b>Threading:</b> confined to one thread. What it consists of belongs to its network.
 */
final class ReadyBatch {

  private final Primitives primitives;
  private final PrimitiveSequence sequence;
  private final LabelChoice choice;
  private final Tensor images;
  private final long imagesAddress;
  private final List<PixelTable.Writer> writers = new ArrayList<>();
  private final List<FloatBuffer> logits = new ArrayList<>();
  private final byte[] row;

  /**
   * Makes the primitives of a plan.
   *
   * @param arena large enough for the plan
   */
  ReadyBatch(
      NetworkPlan plan,
      Primitives primitives,
      NativeBlock arena,
      PixelTable table,
      LabelChoice choice) {
    this.primitives = primitives;
    this.sequence = plan.primitives().bind(arena.address());
    this.choice = choice;
    this.images = plan.images();
    this.imagesAddress = arena.address() + images.buffer().offset();
    this.row = new byte[images.width() * Math.toIntExact(images.channels())];
    Buffer coarse = plan.logits().buffer();
    int imageBytes = Math.toIntExact(images.buffer().bytes() / size());
    int logitsBytes = Math.toIntExact(coarse.bytes() / size());
    for (long i = 0; i < size(); i++) {
      writers.add(
          table.writer(
              arena.bytes(images.buffer().offset() + i * imageBytes, imageBytes), row.length));
      logits.add(arena.bytes(coarse.offset() + i * logitsBytes, logitsBytes).asFloatBuffer());
    }
  }

  /** Returns the number of images. */
  int size() {
    return Math.toIntExact(images.images());
  }

  /**
   * Puts an image in.
   *
   * @param image uint8 [H, W, 3]
   */
  void put(int index, ByteBuffer image) {
    PixelTable.Writer writer = writers.get(index);
    for (int y = 0; y < images.height(); y++) {
      image.get(y * row.length, row);
      writer.write(row, y * row.length);
    }
  }

  /** Computes the logits before the last upsampling. */
  void run() {
    sequence.run();
  }

  /**
   * Chooses the labels of an image.
   *
   * @param labels written: uint8 [H, W]
   * @param confidence written as well; null if it is not wanted
   */
  void choose(int index, byte[] labels, byte @Nullable [] confidence) {
    choice.choose(logits.get(index), labels, confidence);
  }

  /** Computes the probabilities of the classes of an image: float [H, W, classes]. */
  float[] probabilities(int index) {
    return choice.probabilities(logits.get(index));
  }

  /**
   * Computes logits at the size of the images.
   *
   * @param normalized float [N, 3, H, W], row-major
   * @return float [N, classes, H, W], row-major
   */
  float[] logits(float[] normalized) {
    try (NativeBlock given = NativeBlock.of(normalized)) {
      primitives.copyNow(
          primitives.layout(dnnl_f32, dnnl_nchw, images.shape()),
          given.address(),
          images.layout(),
          imagesAddress);
    }
    run();
    int each = choice.classes() * images.height() * images.width();
    float[] upsampled = new float[Math.multiplyExact(size(), each)];
    for (int i = 0; i < size(); i++) {
      choice.upsample(logits.get(i), upsampled, i * each);
    }
    return upsampled;
  }
}
