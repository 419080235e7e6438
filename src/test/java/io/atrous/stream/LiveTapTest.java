package io.atrous.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.event.DeadLetterReason;
import io.atrous.frame.FrameGeometry;
import io.atrous.inference.FrameFit;
import io.atrous.inference.Segmentation;
import io.atrous.live.LiveFrame;
import io.atrous.live.LiveTap;
import io.atrous.model.ClassCatalog;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the live page is told of frames on their way. */
@Timeout(60)
final class LiveTapTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  private final List<String> told = new CopyOnWriteArrayList<>();

  private LiveFrame begin(String camera, long arrivedNanos) {
    told.add(camera + " at " + arrivedNanos);
    return new LiveFrame() {
      @Override
      public void hasPixels(ByteBuffer input, FrameGeometry geometry) {
        told.add("pixels " + (input.get(0) & 0xFF) + " of " + geometry.contentWidth());
      }

      @Override
      public void hasMask(Segmentation segmentation, FrameGeometry geometry, ClassCatalog classes) {
        int label = FrameFit.content(segmentation.mask().labels(), geometry).get(0, 0);
        told.add(classes.get(label).name());
      }

      @Override
      public void isAnswered(@Nullable DeadLetterReason reason) {
        told.add(reason == null ? "mask" : reason.name());
      }
    };
  }

  private PlainPipeline pipeline(boolean deadLetters) {
    LiveTap live = this::begin;
    return new PlainPipeline(new SheddingPolicy(SECOND, SECOND, false, deadLetters), 1, live);
  }

  @Test
  void aFrameWithAMaskIsToldOfInTheOrderOfItsWay() {
    try (PlainPipeline plain = pipeline(true)) {
      plain.pass(Duration.ofNanos(5));
      plain.analyze("gate", 7).join();
    }

    assertThat(told).hasSize(4).startsWith("gate at 5", "pixels 7 of 16").endsWith("mask");
    assertThat(told.get(2)).isIn("dark", "bright");
  }

  @Test
  void aDeadLetterIsToldOfByItsReasonAndHasNoPixels() {
    SourceRecord bad =
        new SourceRecord(
            "frames", 0, 1, PlainPipeline.START_MILLIS, null, null, new RecordHeaders(), "a");
    try (PlainPipeline plain = pipeline(true)) {
      plain.pipeline.analyze(bad).join();
      plain.pass(Duration.ofSeconds(2));
      plain.pipeline.analyze(PlainPipeline.record("gate", 7, 0)).join();
    }

    assertThat(told)
        .containsExactly("frames/0 at 0", "UNDECODABLE_RECORD", "gate at 2000000000", "STALE");
  }

  @Test
  void aFrameThatIsOnlyCountedAsShedHasNoOutcomeToShow() {
    try (PlainPipeline plain = pipeline(false)) {
      plain.pass(Duration.ofSeconds(2));
      plain.pipeline.analyze(PlainPipeline.record("gate", 7, 0)).join();
    }

    assertThat(told).containsExactly("gate at 2000000000");
  }
}
