package io.atrous.inference.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.inference.torch.KernelProbe.Trial;
import io.atrous.inference.torch.KernelProbe.TrialOutcome;
import io.atrous.model.NetworkSpec;
import io.atrous.network.Precision;
import io.atrous.process.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real process, with the real PyTorch in it. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@Tag("slow")
class KernelProbeTest {

  private static final Duration PATIENT = Duration.ofMinutes(1);

  /** The stem's. */
  private static final ConvolutionShape SHAPE =
      ConvolutionShape.of(NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 4, 16, 8, 5), 2, 33, 49)
          .values()
          .iterator()
          .next();

  @TempDir private Path directory;

  @Test
  void timesPlainKernelsOnACpuAndSaysOfFusedOnesWhyTheyDoNotRun() throws Exception {
    try (ProbeProcess probe = ProbeProcess.launch(KernelProbe.class, arguments())) {
      for (ConvolutionKernel kernel : SHAPE.candidates()) {
        TrialOutcome outcome = probe.ask(new Trial(SHAPE, kernel), PATIENT);

        if (kernel.name().startsWith("PLAIN")) {
          assertThat(outcome.failure()).isNull();
          assertThat(outcome.nanos()).isPositive();
        } else {
          assertThat(outcome.failure()).contains("aten::cudnn_convolution_relu");
        }
      }
    }
  }

  @Test
  void endsWithItsInput() throws IOException, InterruptedException {
    Process process =
        ChildJvm.running(KernelProbe.class, List.of("-Dai.djl.offline=true"), arguments())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      process.getOutputStream().close();

      assertThat(process.waitFor()).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  private List<String> arguments() {
    return List.of("cpu", Precision.FP32.name(), directory.toString());
  }
}
