package io.atrous.inference.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.inference.EngineMask;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.PrecisionChoice;
import io.atrous.inference.SegmentationEngine;
import io.atrous.model.ModelFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OneDnnEngineTest {

  private static final int HEIGHT = 64;
  private static final int WIDTH = 96;

  /** For the lists of masks and the masks' records. */
  private static final long SMALL_CHANGE = 1024;

  private final ModelFile model = ModelFile.shipped();

  @BeforeEach
  void needTheLibrary() {
    Assumptions.assumeTrue(OneDnn.isHere(), "oneDNN is not made for this system");
  }

  @Test
  void aCallAllocatesItsMasksAndNothingElse() {
    List<ByteBuffer> images = images(3);
    try (SegmentationEngine engine = start(4)) {
      assertThat(Allocation.bytesPerCall(engine, images))
          .isLessThan(images.size() * 2L * HEIGHT * WIDTH + SMALL_CHANGE);
    }
  }

  @Test
  void threadsMakeNoDifference() {
    List<ByteBuffer> images = images(2);
    List<List<EngineMask>> masks = new ArrayList<>();
    for (int threads = 1; threads <= 3; threads++) {
      try (SegmentationEngine engine =
          OneDnnEngine.start(model, settings(2, threads), System::nanoTime)) {
        masks.add(engine.segment(images));
      }
    }

    for (List<EngineMask> others : masks.subList(1, masks.size())) {
      for (int i = 0; i < images.size(); i++) {
        assertThat(others.get(i).labels()).isEqualTo(masks.get(0).get(i).labels());
      }
    }
  }

  @Test
  void enginesSideBySideDoNotTouchEachOther() {
    List<ByteBuffer> images = images(1);
    try (SegmentationEngine one = start(1)) {
      byte[] labels = one.segment(images).get(0).labels();
      try (SegmentationEngine other = start(1)) {
        other.segment(images(2).subList(1, 2));
        assertThat(one.segment(images).get(0).labels()).isEqualTo(labels);
      }
      assertThat(one.segment(images).get(0).labels()).isEqualTo(labels);
    }
  }

  private SegmentationEngine start(int maxBatchSize) {
    return OneDnnEngine.start(model, settings(maxBatchSize, 2), System::nanoTime);
  }

  private static EngineSettings settings(int maxBatchSize, int threads) {
    return new EngineSettings(
        new ExecutionTarget.Cpu(),
        PrecisionChoice.FP32,
        HEIGHT,
        WIDTH,
        maxBatchSize,
        true,
        threads,
        Path.of("unused"));
  }

  private static List<ByteBuffer> images(int count) {
    SplittableRandom random = new SplittableRandom(count);
    List<ByteBuffer> images = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] pixels = new byte[HEIGHT * WIDTH * 3];
      random.nextBytes(pixels);
      images.add(ByteBuffer.allocateDirect(pixels.length).put(0, pixels));
    }
    return images;
  }
}
