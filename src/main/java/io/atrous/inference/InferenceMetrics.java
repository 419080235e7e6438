package io.atrous.inference;

import io.atrous.batching.BatchMetrics;
import io.atrous.metrics.LatencyTimer;
import io.atrous.tracing.BatchRun;
import io.atrous.tracing.FrameTrace;
import io.atrous.tracing.FrameTracer;
import io.atrous.tracing.Stage;
import io.atrous.tracing.StageTimer;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.util.List;
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
  private final FrameTracer tracer;
  private final StageTimer queue;
  private final Map<String, Device> devices = new ConcurrentHashMap<>();

  /**
   * Registers the meters that don't depend on a device.
   *
   * @param registry stays the caller's
   * @param nanoTime the clock of batches
   * @param tracer is told of batches; stays the caller's
   */
  public InferenceMetrics(MeterRegistry registry, LongSupplier nanoTime, FrameTracer tracer) {
    this.registry = registry;
    this.nanoTime = nanoTime;
    this.tracer = tracer;
    this.batches = new BatchMetrics(registry);
    this.queue =
        new StageTimer(
            registry,
            Stage.QUEUE,
            "From a frame's arrival, or that of its fetched payload, to the start of its batch");
  }

  /** Makes meters that nobody reads, such as for a few pictures. */
  public static InferenceMetrics unread(LongSupplier nanoTime) {
    return new InferenceMetrics(new CompositeMeterRegistry(), nanoTime, FrameTracer.OFF);
  }

  BatchMetrics batches() {
    return batches;
  }

  LongSupplier nanoTime() {
    return nanoTime;
  }

  void queued(FrameTrace trace, long arrivalNanos, long startNanos) {
    queue.record(trace, arrivalNanos, startNanos);
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
              "atrous." + Stage.INFERENCE.label(),
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

    /**
     * Ends a batch.
     *
     * @param id number of the batch
     * @param frames the batch's
     * @param failure exception of the engine; null if every frame has a mask
     */
    void ends(
        long id,
        List<FrameTrace> frames,
        long startNanos,
        long nowNanos,
        @Nullable Throwable failure) {
      inference.record(nowNanos - startNanos, TimeUnit.NANOSECONDS);
      tracer.ran(new BatchRun(id, name, startNanos, nowNanos, failure), frames);
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
