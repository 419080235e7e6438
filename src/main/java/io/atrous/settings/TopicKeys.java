package io.atrous.settings;

import io.atrous.event.Topics;
import io.atrous.payload.PayloadSettings;
import io.atrous.stream.FrameTopics;
import io.atrous.stream.SegmentationTopology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/** The keys of the topics that the service reads and writes. */
public final class TopicKeys {

  public static final String FRAMES_TOPICS = "frames.topics";
  public static final String FRAMES_TOPICS_PATTERN = "frames.topics.pattern";
  public static final String MASKS_TOPIC = "masks.topic";
  public static final String REGIONS_TOPIC = "regions.topic";
  public static final String DEAD_LETTERS_TOPIC = "dead.letters.topic";
  public static final String DEAD_LETTERS_MAX_VALUE_BYTES = "dead.letters.max.value.bytes";

  private static final List<String> OUTPUTS =
      List.of(MASKS_TOPIC, REGIONS_TOPIC, DEAD_LETTERS_TOPIC);

  private TopicKeys() {}

  static void define(ConfigDef definition) {
    new KeyGroup(definition, "Topics")
        .list(FRAMES_TOPICS, "Topics to read frame events from.")
        .optional(
            FRAMES_TOPICS_PATTERN,
            ConfigDef.Type.STRING,
            null,
            ConfigDef.LambdaValidator.with(TopicKeys::ensureCompiles, () -> "a regular expression"),
            "Topics to read frame events from, as a regular expression; instead of "
                + FRAMES_TOPICS
                + ". Not with the streams group protocol.")
        .text(MASKS_TOPIC, Topics.MASKS, "Topic of mask events.")
        .text(REGIONS_TOPIC, Topics.REGIONS, "Topic of region events.")
        .text(DEAD_LETTERS_TOPIC, Topics.DEAD_LETTERS, "Topic of dead letter events.")
        .integer(
            DEAD_LETTERS_MAX_VALUE_BYTES,
            524_288,
            0,
            64 << 20,
            "A dead letter carries the source record's value, for a replay, up to this size.");
  }

  private static void ensureCompiles(String key, @Nullable Object value) {
    if (value instanceof String text) {
      try {
        Pattern.compile(text);
      } catch (PatternSyntaxException e) {
        throw new ConfigException(key, text, "not a regular expression: " + e.getDescription());
      }
    }
  }

  /**
   * The topics frames are read from.
   *
   * @throws ConfigException if they are named both ways, or none is named
   */
  public static FrameTopics frames(AbstractConfig config) {
    return framesIfNamed(config).orElseThrow(TopicKeys::notOneWay);
  }

  /** The topics frames are read from; empty if the configuration names none. */
  public static Optional<FrameTopics> framesIfNamed(AbstractConfig config) {
    List<String> names = config.getList(FRAMES_TOPICS);
    @Nullable String pattern = config.getString(FRAMES_TOPICS_PATTERN);
    if (!names.isEmpty() && pattern != null) {
      throw notOneWay();
    }
    if (pattern != null) {
      return Optional.of(FrameTopics.matching(Pattern.compile(pattern)));
    }
    return names.isEmpty() ? Optional.empty() : Optional.of(FrameTopics.named(names));
  }

  /**
   * The one topic that cameras film into.
   *
   * @throws ConfigException if the configuration names none, or several
   */
  public static String camerasTopic(AbstractConfig config) {
    List<String> topics = config.getList(FRAMES_TOPICS);
    if (topics.size() != 1) {
      throw new ConfigException(
          "Set '" + FRAMES_TOPICS + "' to the one topic that the cameras film into");
    }
    return topics.get(0);
  }

  private static ConfigException notOneWay() {
    return new ConfigException(
        "Set exactly one of '" + FRAMES_TOPICS + "' and '" + FRAMES_TOPICS_PATTERN + "'");
  }

  /** The topics of masks, regions and dead letters, in this order. */
  public static List<String> outputs(AbstractConfig config) {
    return OUTPUTS.stream().map(config::getString).toList();
  }

  /**
   * What the service does with its topics, in the order of their keys; the topics of a pattern are
   * not among them.
   */
  public static List<Right> rights(AbstractConfig config) {
    List<Right> rights = new ArrayList<>();
    if (frames(config) instanceof FrameTopics.Named named) {
      named.names().stream()
          .sorted()
          .forEach(topic -> rights.add(Right.toTopic(AclOperation.READ, topic, FRAMES_TOPICS)));
    }
    for (String key : OUTPUTS) {
      rights.add(Right.toTopic(AclOperation.WRITE, config.getString(key), key));
    }
    return rights;
  }

  /** The settings of the topology between these topics. */
  public static SegmentationTopology.Settings topology(AbstractConfig config) {
    PayloadSettings payloads = ClaimCheckKeys.payloads(config);
    return new SegmentationTopology.Settings(
        frames(config),
        config.getString(MASKS_TOPIC),
        config.getString(REGIONS_TOPIC),
        config.getString(DEAD_LETTERS_TOPIC),
        config.getInt(KafkaKeys.WINDOW_FRAMES),
        Values.millis(config, KafkaKeys.DRAIN_TIMEOUT_MS),
        payloads.allowed().isEmpty() ? Duration.ZERO : payloads.timeout());
  }

  static void check(AbstractConfig config) {
    FrameTopics frames = frames(config);
    if (frames instanceof FrameTopics.Matching && KafkaKeys.usesStreamsProtocol(config)) {
      throw new ConfigException(
          "'%s' does not work with '%sgroup.protocol=streams': list the topics in '%s'"
              .formatted(FRAMES_TOPICS_PATTERN, KafkaKeys.STREAMS_PREFIX, FRAMES_TOPICS));
    }
    List<String> outputs = outputs(config);
    if (new HashSet<>(outputs).size() != outputs.size()) {
      throw new ConfigException(
          "'%s', '%s' and '%s' must be three topics"
              .formatted(MASKS_TOPIC, REGIONS_TOPIC, DEAD_LETTERS_TOPIC));
    }
    for (String output : outputs) {
      if (frames.contains(output)) {
        throw new ConfigException(
            "Topic '" + output + "' is both input and output; the service would feed itself");
      }
    }
  }
}
