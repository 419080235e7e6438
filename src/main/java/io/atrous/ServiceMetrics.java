package io.atrous;

import io.atrous.inference.InferenceMetrics;
import io.atrous.stream.FrameMetrics;
import io.atrous.stream.ModelSwitch;
import io.atrous.stream.ServedModel;
import io.atrous.stream.ShedFrames;
import io.atrous.tracing.FrameTracer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmInfoMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/**
 * All meters of a service: those of its packages, of its model, and of the process.
 *
 * <p><b>Threading:</b> thread-safe. Owns the registry.
 */
final class ServiceMetrics implements AutoCloseable {

  /** The end of a request to reload the model. */
  enum ReloadResult {
    RELOADED,
    UNCHANGED,
    REFUSED
  }

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
  private final ShedFrames shedFrames = new ShedFrames();
  private final InferenceMetrics inference;
  private final FrameMetrics frames;
  private final Map<ReloadResult, Counter> reloads = new EnumMap<>(ReloadResult.class);
  private final MultiGauge model;

  /**
   * Registers the meters.
   *
   * @param tracer is told of frames and batches, too; stays the caller's
   */
  ServiceMetrics(FrameTracer tracer) {
    this.inference = new InferenceMetrics(registry, System::nanoTime, tracer);
    this.frames = new FrameMetrics(registry, shedFrames, System::nanoTime, tracer);
    for (ReloadResult result : ReloadResult.values()) {
      reloads.put(
          result,
          Counter.builder("atrous.model.reloads")
              .description("Requests to reload the model, by how they ended")
              .tag("result", result.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
    this.model =
        MultiGauge.builder("atrous.model.info")
            .description("1 for the model that labels frames now")
            .register(registry);
    new JvmInfoMetrics().bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    garbageCollection.bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  PrometheusMeterRegistry registry() {
    return registry;
  }

  ShedFrames shedFrames() {
    return shedFrames;
  }

  InferenceMetrics inference() {
    return inference;
  }

  FrameMetrics frames() {
    return frames;
  }

  /** Shows the memory of the model that serves. */
  void show(ModelSwitch models) {
    frames.show(models);
    serves(models.current());
  }

  /**
   * Shows whether somebody is in the consumer group who does not belong there.
   *
   * @param conflict the answer, asked at each scrape
   */
  void showConflict(BooleanSupplier conflict) {
    show(
        "atrous.group.conflict",
        "1 while the consumer group has members that don't belong there",
        conflict);
  }

  /**
   * Shows whether the service is ready, as its probe says.
   *
   * @param ready the answer, asked at each scrape
   */
  void showReady(BooleanSupplier ready) {
    show("atrous.ready", "1 while the instance takes frames, as /health/ready says", ready);
  }

  private void show(String name, String description, BooleanSupplier answer) {
    Gauge.builder(name, () -> answer.getAsBoolean() ? 1 : 0)
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  void serves(ServedModel served) {
    Tags tags =
        Tags.of(
            "name", served.spec().name(),
            "version", served.spec().version(),
            "sha256", served.results().model().getSha256(),
            "precision", served.results().model().getPrecision());
    model.register(List.of(Row.of(tags, 1)), true);
  }

  void reloadEnded(ReloadResult result) {
    Objects.requireNonNull(reloads.get(result)).increment();
  }

  @Override
  public void close() {
    garbageCollection.close();
    registry.close();
  }
}
