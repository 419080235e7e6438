package io.atrous.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CanaryTest {

  private static final int PIXELS = ScriptedEngine.HEIGHT * ScriptedEngine.WIDTH;

  /** Labels as scripted, except that the first pixels are of another class when it is told so. */
  private static final class TippingEngine extends ScriptedEngine {

    int tippedPixels;

    TippingEngine() {
      super(8);
    }

    @Override
    void garble(byte[] labels) {
      for (int i = 0; i < tippedPixels; i++) {
        labels[i]++;
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0, true", "6, true", "7, false", "600, false"})
  void mayChangeInOnePixelOfAHundred(int tippedPixels, boolean wellLabelled) {
    assertThat(PIXELS).isEqualTo(600);
    TippingEngine engine = new TippingEngine();
    Canary canary = Canary.of(engine);

    engine.tippedPixels = tippedPixels;

    assertThat(canary.isLabelledAsAtStart(engine)).isEqualTo(wellLabelled);
  }

  @Test
  void isAlwaysAskedForAlone() {
    TippingEngine engine = new TippingEngine();

    Canary.of(engine).isLabelledAsAtStart(engine);

    assertThat(engine.calls).containsOnly(1);
  }

  @Test
  void noticesAnyConstantAnswer() {
    TippingEngine engine = new TippingEngine();
    Canary canary = Canary.of(engine);

    for (int label = 0; label < 256; label++) {
      assertThat(canary.isLabelledAsAtStart(constant(label))).as("all %d", label).isFalse();
    }
  }

  /** A network that sees something only in small patches. */
  @Test
  void isAnImageInWhichTheNetworkSeesMoreThanOneClass() {
    ScriptedEngine sees = new ScriptedEngine(8);
    ScriptedEngine engine =
        new ScriptedEngine(8) {
          @Override
          public List<EngineMask> segment(List<ByteBuffer> images) {
            ByteBuffer image = images.get(0);
            boolean smallPatches = image.getInt(0) != image.getInt(3);
            return smallPatches ? sees.segment(images) : constant(3).segment(images);
          }
        };

    Canary canary = Canary.of(engine);

    assertThat(canary.isLabelledAsAtStart(constant(3))).isFalse();
  }

  @Test
  void doesWithOneClassWhenTheNetworkSeesNoMore() {
    Canary canary = Canary.of(constant(3));

    assertThat(canary.isLabelledAsAtStart(constant(3))).isTrue();
    assertThat(canary.isLabelledAsAtStart(constant(4))).isFalse();
  }

  private static ScriptedEngine constant(int label) {
    return new ScriptedEngine(8) {
      @Override
      void garble(byte[] labels) {
        Arrays.fill(labels, (byte) label);
      }
    };
  }
}
