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

  /** Noise is nothing that it was calibrated on. */
  private static final int MAX_DIFFERING_IN_INT8 = OlderProcessor.HEIGHT * OlderProcessor.WIDTH / 5;

  @ParameterizedTest
  @ValueSource(strings = {"SSE41", "AVX2", "AVX512_CORE"})
  void withoutInstructionsForFewerBitsFp32IsTakenAndLabelsTheSame(String processor)
      throws Exception {
    String[] said = labelledOn(processor, PrecisionChoice.AUTO).split(" ", 2);
    String[] here = OlderProcessor.labelled(PrecisionChoice.FP32).split(" ", 2);

    assertThat(said[0]).as(said[1]).isEqualTo("fp32");
    assertThat(differing(said[1], here[1])).isLessThanOrEqualTo(MAX_DIFFERING);
  }

  @Test
  void aPrecisionWithoutKernelsSaysSo() throws Exception {
    assertThat(labelledOn("AVX2", PrecisionChoice.BF16)).startsWith("no oneDNN has no");
  }

  /** What is not in eight bits is then in fp32. */
  @Test
  void withInstructionsForInt8ButNotForBf16ItLabelsAlmostTheSame() throws Exception {
    String[] said = labelledOn("AVX512_CORE_VNNI", PrecisionChoice.INT8).split(" ", 2);
    String[] here = OlderProcessor.labelled(PrecisionChoice.FP32).split(" ", 2);

    assertThat(said[0]).as(said[1]).isEqualTo("int8");
    assertThat(differing(said[1], here[1])).isLessThanOrEqualTo(MAX_DIFFERING_IN_INT8);
  }

  /** Sums of two products would overflow there. */
  @ParameterizedTest
  @ValueSource(strings = {"AVX2", "AVX512_CORE"})
  void withoutInstructionsForInt8ItIsRefused(String processor) throws Exception {
    assertThat(labelledOn(processor, PrecisionChoice.INT8))
        .startsWith("no this processor has no instructions (VNNI)");
  }

  private static int differing(String labels, String others) {
    byte[] one = Base64.getDecoder().decode(labels);
    byte[] other = Base64.getDecoder().decode(others);
    int differing = 0;
    for (int i = 0; i < other.length; i++) {
      differing += one[i] == other[i] ? 0 : 1;
    }
    return differing;
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
