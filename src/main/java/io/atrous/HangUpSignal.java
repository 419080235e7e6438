package io.atrous;

import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The signal HUP, by which an administrator asks a service to read its files again. */
final class HangUpSignal {

  private static final Logger LOG = LoggerFactory.getLogger(HangUpSignal.class);

  private HangUpSignal() {}

  /**
   * Has the signal run an action, on a thread of its own, instead of ending the process. Where
   * there is no such signal, the log says so.
   *
   * <p>The module {@code jdk.unsupported} has the only way to a signal. It is called by reflection,
   * because javac warns of its direct use and has no switch against that warning.
   */
  static void handle(Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object runAction =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  action.run();
                }
                return null;
              });
      var unused =
          signal
              .getMethod("handle", signal, handler)
              .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), runAction);
    } catch (ReflectiveOperationException e) {
      LOG.warn("The signal HUP can't reload the model here", e);
    }
  }
}
