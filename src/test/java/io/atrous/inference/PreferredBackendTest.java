package io.atrous.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.model.Model;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class PreferredBackendTest {

  private static final Model MODEL = Model.named(Model.SHIPPED);
  private static final EngineSettings SETTINGS =
      new EngineSettings(
          new ExecutionTarget.Cpu(),
          PrecisionChoice.AUTO,
          ScriptedEngine.HEIGHT,
          ScriptedEngine.WIDTH,
          1,
          false,
          1,
          Path.of("unused"));

  private final SegmentationEngine preferred = new ScriptedEngine(1);
  private final SegmentationEngine other = new ScriptedEngine(1);
  private final EngineBackend fallback = new ScriptedBackend(3, (model, settings) -> other);

  @Test
  void takesThePreferredWhereItRuns() {
    assertThat(of(new ScriptedBackend(0, (model, settings) -> preferred)).start(MODEL, SETTINGS))
        .isSameAs(preferred);
  }

  @Test
  void takesTheOtherIfTheModelRunsInNoWayOnThePreferred() {
    assertThat(
            of(new ScriptedBackend(
                    0,
                    (model, settings) -> {
                      throw new EngineFailedException("no kernel", null);
                    }))
                .start(MODEL, SETTINGS))
        .isSameAs(other);
  }

  @Test
  void takesTheOtherIfThePreferredIsNotMadeForIt() {
    EngineBackend elsewhere =
        new EngineBackend() {
          @Override
          public String name() {
            return "elsewhere";
          }

          @Override
          public List<ExecutionTarget.Cuda> devices() {
            return List.of();
          }

          @Override
          public boolean mayRun(Model model, ExecutionTarget device) {
            return false;
          }

          @Override
          public SegmentationEngine start(Model model, EngineSettings settings) {
            throw new AssertionError();
          }
        };

    assertThat(of(elsewhere).start(MODEL, SETTINGS)).isSameAs(other);
    assertThat(of(elsewhere.wrappedBy(engine -> engine)).start(MODEL, SETTINGS)).isSameAs(other);
  }

  /** Nothing that lacks memory has more of it elsewhere. */
  @Test
  void doesNotHideThatABatchIsTooLarge() {
    EngineBackend full =
        new ScriptedBackend(
            0,
            (model, settings) -> {
              throw new DeviceMemoryException("full");
            });

    assertThatThrownBy(() -> of(full).start(MODEL, SETTINGS))
        .isInstanceOf(DeviceMemoryException.class);
  }

  @Test
  void seesTheDevicesOfTheOther() {
    assertThat(of(new ScriptedBackend(0, (model, settings) -> preferred)).devices()).hasSize(3);
  }

  private EngineBackend of(EngineBackend first) {
    return new PreferredBackend(first, fallback);
  }
}
