package io.atrous.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toMap;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What a consumer of the output topics has read, held against the frames that were sent. */
record Answers(
    List<ConsumerRecord<byte[], byte[]>> frames,
    List<ConsumerRecord<byte[], byte[]>> masks,
    List<ConsumerRecord<byte[], byte[]>> regions) {

  /** The frames without a mask, by outcome id. */
  Set<String> lost() {
    Set<String> lost = new HashSet<>(byOutcomeId().keySet());
    masks.forEach(mask -> lost.remove(outcomeId(mask)));
    return lost;
  }

  /** How many masks are there more than once. */
  long duplicates() {
    return masks.size() - masks.stream().map(Answers::outcomeId).distinct().count();
  }

  /** What is wrong with single answers: key, timestamp, headers, and regions of an attempt. */
  List<String> flaws() {
    List<String> flaws = new ArrayList<>();
    Map<String, ConsumerRecord<byte[], byte[]>> sent = byOutcomeId();
    Map<String, Integer> regionsOfAttempt = new HashMap<>();
    regions.forEach(region -> regionsOfAttempt.merge(text(region.value()), 1, Integer::sum));
    for (ConsumerRecord<byte[], byte[]> mask : masks) {
      String id = text(mask.value());
      ConsumerRecord<byte[], byte[]> frame = sent.get(outcomeId(mask));
      if (frame == null) {
        flaws.add(id + " answers no frame");
        continue;
      }
      if (!text(frame.key()).equals(text(mask.key()))) {
        flaws.add(id + " has the key " + text(mask.key()));
      }
      if (frame.timestamp() != mask.timestamp()) {
        flaws.add(id + " has the timestamp " + mask.timestamp());
      }
      if (mask.headers().iterator().hasNext()) {
        flaws.add(id + " has headers: " + mask.headers());
      }
      if (regionsOfAttempt.getOrDefault(id, 0) != HeldEngine.REGIONS_PER_FRAME) {
        flaws.add(id + " has regions: " + regionsOfAttempt.get(id));
      }
    }
    return flaws;
  }

  /** Whether each partition's masks are in the order of its frames. */
  boolean inOrder() {
    Map<String, Long> lastOffsets = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> mask : masks) {
      String[] id = outcomeId(mask).split("@", 2);
      Long last = lastOffsets.put(id[0], Long.parseLong(id[1]));
      if (last != null && last >= Long.parseLong(id[1])) {
        return false;
      }
    }
    return true;
  }

  private Map<String, ConsumerRecord<byte[], byte[]>> byOutcomeId() {
    return frames.stream()
        .collect(
            toMap(
                frame -> frame.topic() + "/" + frame.partition() + "@" + frame.offset(),
                frame -> frame));
  }

  private static String outcomeId(ConsumerRecord<byte[], byte[]> answer) {
    String value = text(answer.value());
    return value.substring(0, value.indexOf(' '));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }
}
