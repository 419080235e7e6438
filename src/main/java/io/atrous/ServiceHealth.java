package io.atrous;

import io.atrous.SegmentationService.End;
import io.atrous.web.Health;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.streams.KafkaStreams;
import org.jspecify.annotations.Nullable;

/**
 * The health of a service, from the first moment of its start.
 *
 * <p>It is ready while it takes frames, or could as soon as a rebalance is over: a probe that fails
 * in each rebalance would take instances out of a rolling update one after another.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class ServiceHealth implements Health {

  private volatile @Nullable SegmentationService service;

  /** Says which service the answers are about: from now on its model is loaded and warm. */
  void isOf(SegmentationService warm) {
    service = warm;
  }

  @Override
  public Report started() {
    SegmentationService warm = service;
    boolean hasRun = warm != null && warm.hasRun();
    return new Report(hasRun, parts(warm));
  }

  @Override
  public Report ready() {
    SegmentationService warm = service;
    return new Report(warm != null && warm.isReady(), parts(warm));
  }

  private static Map<String, String> parts(@Nullable SegmentationService warm) {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("model", warm == null ? "loading" : "warm");
    if (warm != null) {
      KafkaStreams.State state = warm.streamsState();
      parts.put("streams", state.name().toLowerCase(Locale.ROOT));
      parts.put(
          "service", warm.isReady() ? "ready" : warm.end() == End.CLOSED ? "not ready" : "failed");
    }
    return parts;
  }
}
