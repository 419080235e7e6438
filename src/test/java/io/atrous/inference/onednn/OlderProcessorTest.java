package io.atrous.inference.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.inference.PrecisionChoice;
import io.atrous.process.ChildJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** oneDNN is told to leave instructions unused that the processor has. */
@Tag("slow")
class OlderProcessorTest {

  /** Rounding moves a few pixels of noise. */
  private static final int MAX_DIFFERING = OlderProcessor.HEIGHT * OlderProcessor.WIDTH / 100;

  @ParameterizedTest
  @ValueSource(strings = {"SSE41", "AVX2", "AVX512_CORE", "AVX512_CORE_VNNI"})
  void withoutInstructionsForBf16Fp32IsTakenAndLabelsTheSame(String processor) throws Exception {
    String[] said = labelledOn(processor, PrecisionChoice.AUTO).split(" ", 2);
    String[] here = OlderProcessor.labelled(PrecisionChoice.FP32).split(" ", 2);

    assertThat(said[0]).as(said[1]).isEqualTo("fp32");
    byte[] labels = Base64.getDecoder().decode(said[1]);
    byte[] expected = Base64.getDecoder().decode(here[1]);
    int differing = 0;
    for (int i = 0; i < expected.length; i++) {
      differing += labels[i] == expected[i] ? 0 : 1;
    }
    assertThat(differing).isLessThanOrEqualTo(MAX_DIFFERING);
  }

  @Test
  void aPrecisionWithoutKernelsSaysSo() throws Exception {
    assertThat(labelledOn("AVX2", PrecisionChoice.BF16)).startsWith("no oneDNN has no");
  }

  private static String labelledOn(String processor, PrecisionChoice precision)
      throws IOException, InterruptedException {
    Assumptions.assumeTrue(OneDnn.isHere(), "oneDNN is not made for this system");
    ProcessBuilder builder =
        ChildJvm.running(
            OlderProcessor.class,
            List.of("-Xmx256m", "--enable-native-access=ALL-UNNAMED"),
            List.of(precision.name()));
    builder.environment().put("ONEDNN_MAX_CPU_ISA", processor);
    Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor()).as(output).isZero();
    return output.lines().reduce((earlier, later) -> later).orElseThrow();
  }
}
