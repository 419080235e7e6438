package io.atrous.inference.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.network.ConvUnit;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConvolutionKernelsTest {

  private static final ConvUnit FIRST = ConvUnit.pointwise("first", "first.norm", 4, 4);
  private static final ConvUnit SECOND = ConvUnit.plain("second", 4, 4);

  @Test
  void arePlainUnlessChosen() {
    ConvolutionKernels kernels = new ConvolutionKernels(Map.of(FIRST, ConvolutionKernel.FUSED));

    assertThat(kernels.of(FIRST)).isEqualTo(ConvolutionKernel.FUSED);
    assertThat(kernels.of(SECOND)).isEqualTo(ConvolutionKernel.PLAIN);
    assertThat(kernels).hasToString("1 fused, the others plain");
  }

  @Test
  void areAllPlainIfThatIsWhatWasChosen() {
    ConvolutionKernels kernels = new ConvolutionKernels(Map.of(SECOND, ConvolutionKernel.PLAIN));

    assertThat(kernels).isEqualTo(ConvolutionKernels.PLAIN).hasToString("all plain");
  }
}
