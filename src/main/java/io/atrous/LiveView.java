package io.atrous;

import io.atrous.inference.EngineProfile;
import io.atrous.live.LiveCameras;
import io.atrous.live.LivePage;
import io.atrous.live.ServiceFacts;
import io.atrous.live.ServiceFacts.ClassColour;
import io.atrous.live.ServiceFacts.ServedFacts;
import io.atrous.stream.ModelSwitch;
import io.atrous.stream.ServedModel;
import io.atrous.web.Site;
import io.atrous.web.StreamLimits;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A service as its live page shows it, from the first moment of its start.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class LiveView implements Supplier<ServiceFacts> {

  private final MeterRegistry registry;
  private final LiveCameras cameras =
      new LiveCameras(System::nanoTime, StreamLimits.DEFAULT.interval());
  private volatile @Nullable ModelSwitch models;

  /**
   * @param registry has the lag
   */
  LiveView(MeterRegistry registry) {
    this.registry = registry;
  }

  LiveCameras cameras() {
    return cameras;
  }

  /**
   * Makes the page.
   *
   * @param hosts names under which browsers may open it
   */
  Site site(Set<String> hosts) {
    return LivePage.site(cameras, this, hosts, StreamLimits.DEFAULT);
  }

  /** Says which models label the frames: one is loaded. */
  void isOf(ModelSwitch loaded) {
    models = loaded;
  }

  @Override
  public ServiceFacts get() {
    ModelSwitch loaded = models;
    OptionalDouble lag =
        registry.find("atrous.lag").gauges().stream().mapToDouble(Gauge::value).max();
    return new ServiceFacts(
        loaded == null ? null : facts(loaded.current()),
        lag.isPresent() ? lag.getAsDouble() : null);
  }

  private static ServedFacts facts(ServedModel model) {
    EngineProfile engine = model.segmenter().profile();
    return new ServedFacts(
        model.spec().name(),
        model.spec().version(),
        model.results().model().getSha256(),
        engine.precision(),
        model.segmenter().devices(),
        engine.maxBatchSize(),
        model.spec().classes().classes().stream()
            .map(known -> new ClassColour(known.name(), css(known.rgb())))
            .toList());
  }

  private static String css(int rgb) {
    return String.format(Locale.ROOT, "#%06x", rgb);
  }
}
