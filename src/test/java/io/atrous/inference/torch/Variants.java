package io.atrous.inference.torch;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import io.atrous.inference.torch.TorchScriptVariant.Kernels;
import io.atrous.network.Precision;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** The ways to compile a network for a CPU, and which of them this one knows. */
final class Variants {

  /** Makes something of a variant. */
  interface Maker<T> {
    T make() throws IOException;
  }

  private Variants() {}

  static List<TorchScriptVariant> all() {
    return Kernels.of(Device.cpu()).stream()
        .flatMap(
            kernels ->
                Precision.floating().stream()
                    .map(precision -> new TorchScriptVariant(kernels, precision)))
        .toList();
  }

  /** Skips the test, and says so, if this processor has no instructions for what is made. */
  static <T> T onThisMachine(Maker<T> maker) throws IOException {
    try {
      return maker.make();
    } catch (EngineException e) {
      if (String.valueOf(e.getMessage()).contains("needs the cpu support")) {
        return Assumptions.abort("not run: " + e.getMessage());
      }
      throw e;
    }
  }
}
