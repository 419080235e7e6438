package io.atrous;

import io.atrous.model.Sha256;
import io.atrous.settings.KafkaKeys;
import io.atrous.settings.TopicKeys;
import io.atrous.stream.FrameTopics;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.AbstractConfig;

/**
 * The name that an instance's Kafka clients begin with. Brokers show the names of a group's
 * members, but not what the members subscribe to: so the name says it.
 *
 * @param base name that the user gives to the instance, or {@value KafkaKeys#APPLICATION_ID} and
 *     something random
 * @param topicsDigest the digest of the topics that the instance reads and writes
 * @param startMillis the time of its start, since 1970
 */
record MemberName(String base, String topicsDigest, long startMillis) {

  private static final int DIGEST_BYTES = 4;
  private static final Pattern FORM =
      Pattern.compile("(.+)-topics([0-9a-f]{" + 2 * DIGEST_BYTES + "})-(\\d{1,18})(-.*)?");

  /**
   * Names an instance.
   *
   * @param runId differs for every start
   */
  static MemberName of(AbstractConfig config, String runId, long startMillis) {
    String base =
        KafkaKeys.clientId(config)
            .orElseGet(() -> config.getString(KafkaKeys.APPLICATION_ID) + "-" + runId);
    return new MemberName(base, digest(config), startMillis);
  }

  /** Finds the name in a client's id; empty if the client is no instance's. */
  static Optional<MemberName> in(String clientId) {
    Matcher form = FORM.matcher(clientId);
    return form.matches()
        ? Optional.of(new MemberName(form.group(1), form.group(2), Long.parseLong(form.group(3))))
        : Optional.empty();
  }

  private static String digest(AbstractConfig config) {
    String topics = text(TopicKeys.frames(config)) + "\n" + TopicKeys.outputs(config);
    byte[] digest = Sha256.digest().digest(topics.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
  }

  private static String text(FrameTopics topics) {
    return topics instanceof FrameTopics.Named named
        ? new TreeSet<>(named.names()).toString()
        : topics.toString();
  }

  /** The name as an id of a client. */
  String clientId() {
    return "%s-topics%s-%d".formatted(base, topicsDigest, startMillis);
  }
}
