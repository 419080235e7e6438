package io.atrous.inference;

import io.atrous.batching.BatchMetrics;
import io.atrous.metrics.LatencyTimer;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The meters of lanes and their devices. They outlive a segmenter, so that a reloaded model's
 * frames are counted with those before.
 *
 * <p><b>Threading:</b> thread-safe; one for the whole service.
 */
public final class InferenceMetrics {

  private final MeterRegistry registry;
  private final LongSupplier nanoTime;
  private final BatchMetrics batches;
  private final Timer queue;
  private final Map<String, Device> devices = new ConcurrentHashMap<>();

  /**
   * Registers the meters that don't depend on a device.
   *
   * @param registry stays the caller's
   * @param nanoTime the clock of batches
   */
  public InferenceMetrics(MeterRegistry registry, LongSupplier nanoTime) {
    this.registry = registry;
    this.nanoTime = nanoTime;
    this.batches = new BatchMetrics(registry);
    this.queue =
        LatencyTimer.of(
            registry,
            "atrous.queue",
            "From a frame's arrival, or that of its fetched payload, to the start of its batch");
  }

  /** Makes meters that nobody reads, such as for a few pictures. */
  public static InferenceMetrics unread(LongSupplier nanoTime) {
    return new InferenceMetrics(new CompositeMeterRegistry(), nanoTime);
  }

  BatchMetrics batches() {
    return batches;
  }

  LongSupplier nanoTime() {
    return nanoTime;
  }

  void queued(long nanos) {
    queue.record(nanos, TimeUnit.NANOSECONDS);
  }

  /**
   * Shows the memory of all devices as it is now. To be called again and again, and not by a
   * scraper's thread: while a device hangs, its memory may not be read.
   *
   * @param memory reads the memory of a device, if that tells
   */
  public void readMemory(Function<String, Optional<DeviceMemory>> memory) {
    devices.forEach((name, device) -> memory.apply(name).ifPresent(device::hasMemory));
  }

  Device device(String name) {
    return devices.computeIfAbsent(name, Device::new);
  }

  /** The meters of one device, which its lanes share. */
  final class Device {

    private final String name;
    private final Timer inference;
    private volatile BatchSizeLimit limit = new BatchSizeLimit(1);
    // Guarded by this.
    private int running;
    private long busyNanos;
    private long busySinceNanos;
    private @Nullable AtomicReference<DeviceMemory> memory;

    private Device(String name) {
      this.name = name;
      this.inference =
          LatencyTimer.of(
              registry,
              "atrous.inference",
              "Time that a batch takes on the device",
              "device",
              name);
      FunctionCounter.builder("atrous.device.busy", this, device -> device.busyNanos() / 1e9)
          .baseUnit("seconds")
          .description("Time in which a device had a batch; its rate is the busy fraction")
          .tag("device", name)
          .register(registry);
      Gauge.builder("atrous.batch.limit", this, device -> device.limit.get())
          .description("Frames that a batch may have now, less after the device ran out of memory")
          .tag("device", name)
          .register(registry);
    }

    private synchronized void hasMemory(DeviceMemory now) {
      if (memory == null) {
        memory = new AtomicReference<>(now);
        show(
            memory,
            "used",
            "Memory of a device in use: on a CPU by this process, on a GPU by all",
            DeviceMemory::usedBytes);
        show(memory, "limit", "Memory that a device has", DeviceMemory::limitBytes);
      } else {
        memory.set(now);
      }
    }

    private void show(
        AtomicReference<DeviceMemory> last,
        String what,
        String description,
        ToDoubleFunction<DeviceMemory> bytes) {
      Gauge.builder("atrous.device.memory." + what, last, known -> bytes.applyAsDouble(known.get()))
          .baseUnit("bytes")
          .description(description)
          .tag("device", name)
          .register(registry);
    }

    void limitedBy(BatchSizeLimit newLimit) {
      limit = newLimit;
    }

    synchronized void begins(long nowNanos) {
      if (running++ == 0) {
        busySinceNanos = nowNanos;
      }
    }

    void ends(long startNanos, long nowNanos) {
      inference.record(nowNanos - startNanos, TimeUnit.NANOSECONDS);
      synchronized (this) {
        if (--running == 0) {
          busyNanos += nowNanos - busySinceNanos;
        }
      }
    }

    /** A batch that runs now counts as it goes: a device that hangs is busy. */
    private synchronized long busyNanos() {
      return busyNanos + (running == 0 ? 0 : nanoTime.getAsLong() - busySinceNanos);
    }
  }
}
