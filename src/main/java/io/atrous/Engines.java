package io.atrous;

import io.atrous.inference.EngineBackend;
import io.atrous.inference.EngineChoice;
import io.atrous.inference.PreferredBackend;
import io.atrous.inference.onednn.OneDnnBackend;
import io.atrous.inference.torch.TorchScriptBackend;
import io.atrous.settings.NetworkKeys;
import io.atrous.settings.ServiceConfig;

/** The runtimes that networks run on. */
public final class Engines {

  private static final EngineBackend ONEDNN = new OneDnnBackend(System::nanoTime);
  private static final EngineBackend TORCH = new TorchScriptBackend(System::nanoTime);

  private Engines() {}

  /** Returns the backend that a service runs on, unless a bench or a fault asks for others. */
  public static EngineBackend of(ServiceConfig config) {
    return of(NetworkKeys.engineChoice(config));
  }

  /** Returns the backend that is asked for. */
  public static EngineBackend of(EngineChoice choice) {
    return of(choice, ONEDNN, TORCH);
  }

  /**
   * Returns the backend that is asked for, with a clock that stands: of several ways to compute in
   * one precision the plainest is taken, and the same again next time.
   */
  public static EngineBackend plainest(EngineChoice choice) {
    return of(choice, new OneDnnBackend(() -> 0), new TorchScriptBackend(() -> 0));
  }

  private static EngineBackend of(EngineChoice choice, EngineBackend oneDnn, EngineBackend torch) {
    return switch (choice) {
      case AUTO -> new PreferredBackend(oneDnn, torch);
      case ONEDNN -> oneDnn;
      case TORCH -> torch;
    };
  }
}
