package io.atrous.stream;

import java.time.Clock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A worker's tools: they keep scratch memory from frame to frame.
 *
 * <p><b>Threading:</b> confined to its thread.
 */
final class FrameWorker {

  private final FrameReader reader;
  private final EventOutputs outputs;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private @Nullable ResultSettings encoded;
  private @Nullable OutcomeEncoder encoder;

  FrameWorker(FrameReader reader, EventOutputs outputs, Clock clock, LongSupplier nanoTime) {
    this.reader = reader;
    this.outputs = outputs;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  FrameReader reader() {
    return reader;
  }

  /**
   * Returns an encoder of a model's events: the last one, unless the model has changed. It must not
   * keep the model itself, whose memory comes back after its last frame.
   */
  @SuppressWarnings("ReferenceEquality") // Each model has its own; a comparison per frame is cheap.
  OutcomeEncoder encoder(ServedModel model) {
    if (encoder == null || encoded != model.results()) {
      encoded = model.results();
      encoder = new OutcomeEncoder(outputs, model.spec(), encoded, clock, nanoTime);
    }
    return encoder;
  }
}
