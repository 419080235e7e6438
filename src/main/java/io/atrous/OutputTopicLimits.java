package io.atrous;

import io.atrous.settings.Cluster;
import io.atrous.settings.KafkaClients;
import io.atrous.settings.ServiceConfig;
import io.atrous.settings.StartException;
import io.atrous.settings.TopicKeys;
import io.atrous.stream.Outcome.Channel;
import io.atrous.stream.OutputTopics;
import io.atrous.stream.TopicLimits;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigResource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what the output topics take: at start, and later again, since topics are configured anew
 * while services run.
 *
 * <p><b>Threading:</b> confined to one thread after the other.
 */
final class OutputTopicLimits implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(OutputTopicLimits.class);

  /** The time between two looks at what brokers have refused. */
  static final Duration INTERVAL = Duration.ofSeconds(1);

  private static final int INTERVALS_BETWEEN_READS = 60;

  private static final Map<Channel, String> KEYS =
      Map.of(
          Channel.MASKS, TopicKeys.MASKS_TOPIC,
          Channel.REGIONS, TopicKeys.REGIONS_TOPIC,
          Channel.DEAD_LETTERS, TopicKeys.DEAD_LETTERS_TOPIC);

  private final ServiceConfig config;
  private final OutputTopics topics;
  private final boolean compresses;
  private Map<Channel, TopicLimits> known = Map.of();
  private long refusalsSeen;
  private int intervals;

  OutputTopicLimits(ServiceConfig config, OutputTopics topics) {
    this.config = config;
    this.topics = topics;
    this.compresses =
        !"none"
            .equals(
                KafkaClients.of(config)
                    .producer()
                    .getString(ProducerConfig.COMPRESSION_TYPE_CONFIG));
  }

  /**
   * Reads the limits for the first time. If that can't be done, mostly for want of a right, it
   * warns once and goes on: what the brokers then refuse is noticed when they do.
   *
   * @throws StartException in one sentence, if a topic can't take any outcome
   */
  void readFirst() {
    Map<Channel, TopicLimits> limits;
    try {
      limits = read();
    } catch (StartException e) {
      LOG.warn(
          "The configuration of {} can't be read ({}); Kafka's defaults are assumed. It takes the"
              + " right to DescribeConfigs on these topics",
          String.join(", ", TopicKeys.outputs(config)),
          e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
      return;
    }
    limits.forEach(this::refuseOrWarn);
    learn(limits);
  }

  private void refuseOrWarn(Channel channel, TopicLimits limits) {
    String topic = "Topic '%s' ('%s')".formatted(name(channel), KEYS.get(channel));
    limits
        .flaw()
        .ifPresent(
            flaw -> {
              throw new StartException(topic + " " + flaw);
            });
    if (limits.compacted()) {
      LOG.warn("{} is compacted: it keeps only the newest event of each key", topic);
    }
  }

  /** Reads the limits again if it is time, or if a broker has refused something since. */
  @Override
  public void run() {
    long refusals = topics.refused().count();
    intervals++;
    if (refusals == refusalsSeen && intervals < INTERVALS_BETWEEN_READS) {
      return;
    }
    refusalsSeen = refusals;
    intervals = 0;
    try {
      learn(read());
    } catch (StartException e) {
      LOG.debug("The output topics' limits can't be read now; the last ones hold", e);
    }
  }

  private void learn(Map<Channel, TopicLimits> limits) {
    if (!limits.equals(known)) {
      LOG.debug("The output topics take {}", limits);
      known = limits;
      topics.learn(compresses ? ofAnySize(limits) : limits);
    }
  }

  /** The topics count compressed bytes, and the service can't before they are. */
  private static Map<Channel, TopicLimits> ofAnySize(Map<Channel, TopicLimits> limits) {
    Map<Channel, TopicLimits> result = new EnumMap<>(limits);
    result.replaceAll((channel, read) -> read.ofAnySize());
    return result;
  }

  private Map<Channel, TopicLimits> read() {
    Map<Channel, ConfigResource> resources = new EnumMap<>(Channel.class);
    for (Channel channel : Channel.values()) {
      resources.put(channel, new ConfigResource(ConfigResource.Type.TOPIC, name(channel)));
    }
    Map<ConfigResource, Config> configs =
        Cluster.ask(config, admin -> admin.describeConfigs(resources.values()).all());
    Map<Channel, TopicLimits> limits = new EnumMap<>(Channel.class);
    resources.forEach(
        (channel, resource) ->
            limits.put(
                channel, TopicLimits.of(values(Objects.requireNonNull(configs.get(resource))))));
    return limits;
  }

  private static Map<String, String> values(Config topic) {
    Map<String, String> values = new HashMap<>();
    topic.entries().stream()
        .filter(entry -> entry.value() != null)
        .forEach(entry -> values.put(entry.name(), entry.value()));
    return values;
  }

  private String name(Channel channel) {
    return config.getString(KEYS.get(channel));
  }
}
