package io.atrous.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toMap;

import io.atrous.stream.ContractFormat.Identity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What a consumer of the output topics has read, held against the frames that were sent. */
record Answers(
    ContractFormat format,
    List<ConsumerRecord<byte[], byte[]>> frames,
    List<ConsumerRecord<byte[], byte[]>> masks,
    List<ConsumerRecord<byte[], byte[]>> regions,
    List<ConsumerRecord<byte[], byte[]>> deadLetters) {

  /** The frames without an outcome, by outcome id. */
  Set<String> lost() {
    Set<String> lost = new HashSet<>(byOutcomeId().keySet());
    outcomeIds().forEach(lost::remove);
    return lost;
  }

  /** How many outcomes are there more than once. */
  long duplicates() {
    return outcomeIds().size() - outcomeIds().stream().distinct().count();
  }

  private List<String> outcomeIds() {
    return Stream.concat(masks.stream(), deadLetters.stream()).map(this::outcomeId).toList();
  }

  /** What is wrong with single answers: key, timestamp, headers, and regions of an attempt. */
  List<String> flaws() {
    List<String> flaws = new ArrayList<>();
    Map<String, ConsumerRecord<byte[], byte[]>> sent = byOutcomeId();
    Map<Identity, Integer> regionsOfAttempt = new HashMap<>();
    regions.forEach(region -> regionsOfAttempt.merge(format.identity(region), 1, Integer::sum));
    for (ConsumerRecord<byte[], byte[]> mask : masks) {
      Identity id = format.identity(mask);
      ConsumerRecord<byte[], byte[]> frame = sent.get(id.outcomeId());
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
      if (regionsOfAttempt.getOrDefault(id, 0) != format.regions(mask)) {
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

  private String outcomeId(ConsumerRecord<byte[], byte[]> answer) {
    return format.identity(answer).outcomeId();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }
}
