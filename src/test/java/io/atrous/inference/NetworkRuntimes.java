package io.atrous.inference;

import io.atrous.inference.onednn.OneDnnRuntime;
import io.atrous.inference.torch.TorchScriptRuntime;
import io.atrous.network.Precision;
import java.util.ArrayList;
import java.util.List;

/** All ways to run a network on this CPU. */
public final class NetworkRuntimes {

  private NetworkRuntimes() {}

  /** Returns those of a precision. */
  public static List<NetworkRuntime> of(Precision precision) {
    List<NetworkRuntime> runtimes = new ArrayList<>(TorchScriptRuntime.of(precision));
    runtimes.add(new OneDnnRuntime(precision));
    return runtimes;
  }

  /** Returns those in fp32. */
  public static List<NetworkRuntime> wide() {
    return of(Precision.FP32);
  }

  /** Returns the others. */
  public static List<NetworkRuntime> narrow() {
    List<NetworkRuntime> runtimes = new ArrayList<>(of(Precision.BF16));
    runtimes.addAll(of(Precision.FP16));
    return runtimes;
  }
}
