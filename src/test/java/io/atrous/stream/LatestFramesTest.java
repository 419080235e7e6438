package io.atrous.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LatestFramesTest {

  private static final CameraId A = CameraId.named("a");

  private final List<String> begun = new ArrayList<>();
  private final List<String> superseded = new ArrayList<>();
  private final LatestFrames<String> frames = new LatestFrames<>(begun::add, superseded::add);

  @Test
  void behindTwoFramesOnTheirWayOnlyTheNewestWaits() {
    offer("a1", "a2", "a3", "a4", "a5");
    assertThat(begun).containsExactly("a1", "a2");
    assertThat(superseded).containsExactly("a3", "a4");

    frames.finished(A);

    assertThat(begun).containsExactly("a1", "a2", "a5");
  }

  @Test
  void camerasDoNotSupersedeEachOther() {
    offer("a1", "b1", "a2", "b2", "a3", "b3");

    assertThat(superseded).isEmpty();
    assertThat(begun).containsExactly("a1", "b1", "a2", "b2");
  }

  @Test
  void aCameraThatIsSlowerThanTheDeviceLosesNothing() {
    for (int i = 0; i < 10; i++) {
      offer("a" + i);
      frames.finished(A);
    }

    assertThat(begun).hasSize(10);
    assertThat(superseded).isEmpty();
  }

  @Test
  void aCameraIsForgottenOnceItsFramesAreDone() {
    offer("a1", "a2", "a3");
    frames.finished(A);
    frames.finished(A);
    frames.finished(A);

    assertThatIllegalStateException().isThrownBy(() -> frames.finished(A));
  }

  private void offer(String... names) {
    for (String name : names) {
      frames.offer(CameraId.named(name.substring(0, 1)), name);
    }
  }
}
