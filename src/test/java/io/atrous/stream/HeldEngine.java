package io.atrous.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atrous.stream.Outcome.Channel;
import io.atrous.stream.Outcome.Emission;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * An engine that answers every frame at once with a mask and two regions, except those it is told
 * to hold. What it writes says which frame and which attempt it answers.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class HeldEngine implements ContractEngine {

  private static final int REGIONS_PER_FRAME = 2;

  /** Frames that nobody looks into, and answers of two words. */
  static final ContractFormat FORMAT =
      new ContractFormat() {
        @Override
        public byte[] frame(int partition, long sequence) {
          return new byte[] {(byte) sequence};
        }

        @Override
        public Identity identity(ConsumerRecord<byte[], byte[]> answer) {
          String[] words = new String(answer.value(), UTF_8).split(" ", 2);
          return new Identity(words[0], words[1]);
        }

        @Override
        public int regions(ConsumerRecord<byte[], byte[]> mask) {
          return REGIONS_PER_FRAME;
        }
      };

  private record Waiting(SourceRecord record, CompletableFuture<Outcome> outcome) {}

  private final Set<String> held = new HashSet<>();
  private final List<Waiting> waiting = new ArrayList<>();
  private final List<SourceRecord> submitted = new ArrayList<>();

  /** Holds the results of these frames, by outcome id. */
  static HeldEngine holding(String... outcomeIds) {
    HeldEngine engine = new HeldEngine();
    synchronized (engine) {
      engine.held.addAll(Set.of(outcomeIds));
    }
    return engine;
  }

  @Override
  public synchronized CompletableFuture<Outcome> analyze(SourceRecord record) {
    submitted.add(record);
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    if (held.contains(record.outcomeId())) {
      waiting.add(new Waiting(record, outcome));
    } else {
      outcome.complete(answer(record));
    }
    return outcome;
  }

  /** Every frame that came, in the order it came in, once per attempt. */
  synchronized List<SourceRecord> submitted() {
    return List.copyOf(submitted);
  }

  synchronized boolean holds(String outcomeId) {
    return waiting.stream().anyMatch(w -> w.record.outcomeId().equals(outcomeId));
  }

  /** Whether every frame it holds has been given up by those who asked. */
  synchronized boolean isGivenUp() {
    return waiting.stream().allMatch(w -> w.outcome.isCancelled());
  }

  /** How many of the frames it holds have been given up. */
  synchronized long givenUp() {
    return waiting.stream().filter(w -> w.outcome.isCancelled()).count();
  }

  /** Answers a frame that is held, and holds it no more. */
  synchronized void release(String outcomeId) {
    held.remove(outcomeId);
    for (Waiting w : List.copyOf(waiting)) {
      if (w.record.outcomeId().equals(outcomeId)) {
        waiting.remove(w);
        w.outcome.complete(answer(w.record));
      }
    }
  }

  /** Answers what is held, and holds nothing from now on. */
  synchronized void release() {
    held.clear();
    waiting.forEach(w -> w.outcome.complete(answer(w.record)));
    waiting.clear();
  }

  @Override
  public synchronized void crash() {
    waiting.forEach(w -> w.outcome.completeExceptionally(new IllegalStateException("crash")));
  }

  private static Outcome answer(SourceRecord record) {
    byte[] value = (record.outcomeId() + " " + record.attemptId()).getBytes(UTF_8);
    return new Outcome(
        record.key(),
        List.of(
            new Emission(Channel.MASKS, value),
            new Emission(Channel.REGIONS, value),
            new Emission(Channel.REGIONS, value)));
  }
}
