package io.atrous.chaos;

import io.atrous.inference.DeviceMemoryException;
import io.atrous.inference.EngineMask;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.SegmentationEngine;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A real engine that misbehaves when it is told to, and may be slowed down to a capacity that does
 * not depend on the machine.
 *
 * <p><b>Threading:</b> as its engine, but for what it shares with whoever tells it.
 */
final class FaultyEngine implements SegmentationEngine {

  private final SegmentationEngine engine;
  private final long nanosPerImage;
  private final AtomicReference<EngineFault> fault;

  /**
   * @param engine owned by this one
   * @param perImage the least time that each image of a batch takes
   * @param fault the fault, from the next call on; may change at any time
   */
  FaultyEngine(SegmentationEngine engine, Duration perImage, AtomicReference<EngineFault> fault) {
    this.engine = engine;
    this.nanosPerImage = perImage.toNanos();
    this.fault = fault;
  }

  @Override
  public EngineProfile profile() {
    return engine.profile();
  }

  @Override
  public List<EngineMask> segment(List<ByteBuffer> images) {
    long startNanos = System.nanoTime();
    misbehave(images.size());
    List<EngineMask> masks = engine.segment(images);
    long endNanos = startNanos + images.size() * nanosPerImage;
    for (long left = endNanos - System.nanoTime(); left > 0; left = endNanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
    return masks;
  }

  private void misbehave(int images) {
    if (fault.compareAndSet(EngineFault.FAILS_ONCE, EngineFault.NONE)) {
      throw new IllegalStateException("chaos: the engine fails once");
    }
    switch (Objects.requireNonNull(fault.get())) {
      case BROKEN -> throw new IllegalStateException("chaos: the engine always fails");
      case OUT_OF_MEMORY -> {
        if (images > 1) {
          throw new DeviceMemoryException(
              "chaos: the device has no memory for " + images + " images");
        }
      }
      case HANGS -> {
        while (true) {
          // Neither an interrupt nor a close brings it back.
          LockSupport.park();
        }
      }
      case NONE, FAILS_ONCE -> {}
    }
  }

  @Override
  public void close() {
    engine.close();
  }
}
