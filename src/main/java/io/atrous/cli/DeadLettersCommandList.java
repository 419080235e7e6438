package io.atrous.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atrous.deadletter.DeadLetterFilter;
import io.atrous.deadletter.DeadLetterReplay;
import io.atrous.deadletter.DeadLetterTopic;
import io.atrous.event.DeadLetterEvent;
import io.atrous.event.UntrustedText;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code atrous dead-letters list}: which frames got no mask, and why. */
@Command(name = "list", description = "Shows dead letters, up to where their topic ends now.")
final class DeadLettersCommandList implements Callable<Integer> {

  private static final String ROW = "%-24s  %-21s  %-16s  %-24s  %-20s  %7s  %10s  %s%n";
  private static final String NOT_KNOWN = "-";

  /** ASCII only, so that no terminal obeys what strangers wrote. */
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  @Mixin private Invocation invocation = new Invocation();

  @Mixin private ConfigOptions config = new ConfigOptions();
  @Mixin private DeadLetterOptions letters = new DeadLetterOptions();

  @Option(names = "--json", description = "Print one JSON object a line instead of a table.")
  private boolean json;

  @Override
  public Integer call() {
    long limit = letters.limit(invocation);
    PrintWriter out = invocation.out();
    try (DeadLetterTopic topic = DeadLetterTopic.open(config.readForTools(), System::nanoTime)) {
      if (!json) {
        out.printf(
            ROW, "failed at", "reason", "camera", "frame", "source", "replays", "bytes", "message");
      }
      DeadLetterTopic.Summary summary =
          topic.read(
              letters.filter(),
              limit,
              letter -> {
                print(out, letter);
                // Whoever reads along may have seen enough.
                return !out.checkError();
              });
      say(invocation.err(), summary);
    }
    return 0;
  }

  private static void say(PrintWriter err, DeadLetterTopic.Summary summary) {
    err.printf("%d dead letters%n", summary.matched());
    if (summary.unreadable() > 0) {
      err.printf("%d records of the topic are no dead letters%n", summary.unreadable());
    }
    err.flush();
  }

  private void print(PrintWriter out, DeadLetterEvent letter) {
    if (json) {
      out.println(line(json(letter)));
    } else {
      out.printf(
          Locale.ROOT,
          ROW,
          letter.getFailedAt(),
          letter.getReason(),
          text(DeadLetterFilter.camera(letter)),
          text(letter.getFrameId()),
          text(letter.getOutcomeId()),
          DeadLetterReplay.replays(letter),
          letter.getSourceValueSizeBytes() + (letter.getSourceTruncated() ? " cut" : ""),
          text(letter.getMessage()));
    }
  }

  private static String line(ObjectNode node) {
    try {
      return JSON.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers and text could not be written", e);
    }
  }

  private static ObjectNode json(DeadLetterEvent letter) {
    ObjectNode node = JSON.createObjectNode();
    node.put("outcomeId", letter.getOutcomeId());
    node.put("reason", letter.getReason().name());
    node.put("message", letter.getMessage());
    node.put("failedAt", letter.getFailedAt().toString());
    node.put("cameraId", DeadLetterFilter.camera(letter));
    node.put("frameId", letter.getFrameId());
    node.put("sequence", letter.getSequence());
    node.put("capturedAt", text(letter.getCapturedAt()));
    node.put("sourceTopic", letter.getSourceTopic());
    node.put("sourcePartition", letter.getSourcePartition());
    node.put("sourceOffset", letter.getSourceOffset());
    node.put("sourceTimestamp", letter.getSourceTimestamp().toString());
    node.put("sourceValueSizeBytes", letter.getSourceValueSizeBytes());
    node.put("sourceTruncated", letter.getSourceTruncated());
    node.put("replays", DeadLetterReplay.replays(letter));
    return node;
  }

  private static @Nullable String text(@Nullable Instant time) {
    return time == null ? null : time.toString();
  }

  private static String text(@Nullable String text) {
    return text == null ? NOT_KNOWN : UntrustedText.oneLine(text);
  }
}
