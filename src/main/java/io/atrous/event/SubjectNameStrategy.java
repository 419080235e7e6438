package io.atrous.event;

import java.util.Locale;
import org.apache.kafka.common.config.ConfigException;

/** Which subject of the registry a topic's schemas live under. */
public enum SubjectNameStrategy {
  /** One schema per topic: {@code topic-value}. */
  TOPIC_NAME("TopicNameStrategy"),
  /** One schema per event type, wherever it is used. */
  RECORD_NAME("RecordNameStrategy"),
  /** One schema per topic and event type. */
  TOPIC_RECORD_NAME("TopicRecordNameStrategy");

  private static final String CONFLUENT_PACKAGE = "io.confluent.kafka.serializers.subject.";

  private final String className;

  SubjectNameStrategy(String className) {
    this.className = className;
  }

  /** Confluent's name of this strategy: a class name there, only a name here. */
  public String confluentName() {
    return CONFLUENT_PACKAGE + className;
  }

  String subject(String topic, String recordName, boolean isKey) {
    return switch (this) {
      case TOPIC_NAME -> topic + (isKey ? "-key" : "-value");
      case RECORD_NAME -> recordName;
      case TOPIC_RECORD_NAME -> topic + "-" + recordName;
    };
  }

  /** The strategy of that name, given with or without Confluent's package. */
  static SubjectNameStrategy parse(String key, String name) {
    for (SubjectNameStrategy strategy : values()) {
      if (name.equals(strategy.className) || name.equals(strategy.confluentName())) {
        return strategy;
      }
    }
    throw new ConfigException(
        key,
        name,
        String.format(
            Locale.ROOT,
            "choose %s, %s or %s",
            TOPIC_NAME.className,
            RECORD_NAME.className,
            TOPIC_RECORD_NAME.className));
  }
}
