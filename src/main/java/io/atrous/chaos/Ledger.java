package io.atrous.chaos;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was sent: every acknowledged frame, by the id of its outcome.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class Ledger {

  private static final Comparator<SentFrame> BY_POSITION =
      Comparator.comparing(SentFrame::topic)
          .thenComparingInt(SentFrame::partition)
          .thenComparingLong(SentFrame::offset);

  private final Map<String, SentFrame> frames = new LinkedHashMap<>();

  public Ledger(List<SentFrame> sent) {
    sent.stream().sorted(BY_POSITION).forEach(frame -> frames.put(frame.outcomeId(), frame));
    if (frames.size() != sent.size()) {
      throw new IllegalArgumentException("two frames have the same position");
    }
  }

  /** All frames, by topic, partition and offset. */
  public List<SentFrame> frames() {
    return List.copyOf(frames.values());
  }

  /** The frame that an outcome answers, or null if there is none. */
  public @Nullable SentFrame frame(String outcomeId) {
    return frames.get(outcomeId);
  }

  public int size() {
    return frames.size();
  }
}
