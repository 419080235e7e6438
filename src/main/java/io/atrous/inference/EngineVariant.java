package io.atrous.inference;

import io.atrous.network.Precision;

/** One of the ways to run a model on a device; {@link VariantTrial} chooses among them. */
public interface EngineVariant {

  /** The precision of the network's body. */
  Precision precision();

  /** As logs call it, such as {@code fused oneDNN fp32}. */
  String label();
}
