package io.atrous.inference.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.PrecisionChoice;
import io.atrous.model.ModelFile;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OneDnnBackendTest {

  private final OneDnnBackend backend = new OneDnnBackend(System::nanoTime);
  private final ModelFile model = ModelFile.shipped();

  @Test
  void runsModelsOnTheCpuAlone() {
    assertThat(backend.mayRun(model, new ExecutionTarget.Cpu())).isEqualTo(OneDnn.isHere());
    assertThat(backend.mayRun(model, new ExecutionTarget.Auto())).isEqualTo(OneDnn.isHere());
    assertThat(backend.mayRun(model, new ExecutionTarget.Cuda(0))).isFalse();
    assertThat(backend.mayRun(model, new ExecutionTarget.AllCuda())).isFalse();
    assertThat(backend.devices()).isEmpty();
  }

  @Test
  void saysSoOfADeviceThatItDoesNotRunOn() {
    EngineSettings settings =
        new EngineSettings(
            new ExecutionTarget.Cuda(1),
            PrecisionChoice.AUTO,
            32,
            32,
            1,
            false,
            1,
            Path.of("unused"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> backend.start(model, settings))
        .withMessage("oneDNN runs on the CPU, not on cuda:1: choose the engine torch or auto");
  }
}
