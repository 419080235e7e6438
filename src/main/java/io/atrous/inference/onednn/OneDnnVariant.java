package io.atrous.inference.onednn;

import io.atrous.inference.EngineVariant;
import io.atrous.network.Precision;

/**
 * One of the ways to run a network on oneDNN.
 *
 * @param precision the precision of its body
 */
record OneDnnVariant(Precision precision) implements EngineVariant {

  @Override
  public String label() {
    return "oneDNN " + precision.label();
  }
}
