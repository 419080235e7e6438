package io.atrous.settings;

import static io.atrous.settings.ServiceConfigTest.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

final class PassThroughTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "streams.max.poll.records=abc",
        "streams.consumer.max.poll.records=0",
        "streams.main.consumer.max.poll.records=many",
        "streams.restore.consumer.fetch.max.bytes=-5",
        "streams.global.consumer.fetch.max.bytes=much",
        "streams.consumer.fetch.max.bytes=-5",
        "streams.consumer.auto.offset.reset=sometimes",
        "streams.producer.compression.type=foo",
        "streams.compression.type=foo",
        "streams.producer.max.request.size=abc",
        "streams.producer.partitioner.class=com.example.Missing",
        "streams.producer.interceptor.classes=com.example.Missing",
        "streams.metric.reporters=com.example.Missing",
        "streams.admin.retries=-1",
        "streams.security.protocol=SAFE",
        "streams.ssl.engine.factory.class=com.example.Missing",
        "streams.sasl.login.class=com.example.Missing",
        "streams.admin.sasl.client.callback.handler.class=com.example.Missing",
        "streams.buffered.records.per.partition=few",
        "streams.poll.ms=soon",
        "streams.topology.optimization=much",
        "streams.consumer.group.protocol=none",
        "streams.group.protocol=none",
      })
  void anImpossibleValueIsRefusedUnderTheNameThatTheUserWrote(String setting) {
    String key = setting.substring(0, setting.indexOf('='));

    assertThatThrownBy(() -> ServiceConfig.of(with(key, setting.substring(key.length() + 1))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(key)
        .hasMessageNotContaining("\n");
  }

  @Test
  void valuesThatContradictEachOtherAreRefused() {
    assertThatThrownBy(
            () ->
                ServiceConfig.of(
                    with("streams.security.protocol", "SASL_SSL", "streams.sasl.mechanism", "")))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("'streams.security.protocol': ")
        .hasMessageContaining("sasl.mechanism");
  }

  @ParameterizedTest
  @CsvSource({
    "streams.max.pol.records, streams.max.poll.records",
    "streams.producer.lingre.ms, streams.producer.linger.ms",
    "streams.buffered.record.per.partition, streams.buffered.records.per.partition"
  })
  void aKeyThatKafkaDoesNotKnowIsWarnedOfOnceWithTheNearestOne(String key, String nearest) {
    assertThat(warnings(key, "1"))
        .containsExactly("Kafka does not know '" + key + "'; did you mean '" + nearest + "'?");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"streams.client.tag.zone", "streams.topic.retention.ms", "streams.client.id"})
  void aKeyThatKafkaKnowsIsNotWarnedOf(String key) {
    assertThat(warnings(key, "1")).isEmpty();
  }

  private static Stream<String> warnings(String key, String value) {
    Logger logger = (Logger) LoggerFactory.getLogger(PassThrough.class);
    ListAppender<ILoggingEvent> appender = new ListAppender<>();
    appender.start();
    logger.addAppender(appender);
    try {
      ServiceConfig.of(with(key, value));
    } finally {
      logger.detachAppender(appender);
    }
    return appender.list.stream().map(ILoggingEvent::getFormattedMessage);
  }

  @ParameterizedTest
  @MethodSource("reservedKeys")
  void everyReservedClientKeyIsRefusedWithAReasonForEveryClient(String key) {
    for (String prefix :
        Stream.concat(Stream.of(""), PassThrough.CLIENTS.keySet().stream()).toList()) {
      assertThatThrownBy(() -> ServiceConfig.of(with("streams." + prefix + key, "x")))
          .isInstanceOf(ConfigException.class)
          .hasMessageStartingWith("'streams." + prefix + key + "' can't be set: ");
    }
  }

  private static Stream<String> reservedKeys() {
    return ReservedKeys.reasons().keySet().stream();
  }

  @Test
  void theStreamsGroupProtocolIsPossible() {
    assertThatCode(() -> ServiceConfig.of(with("streams.group.protocol", "streams")))
        .doesNotThrowAnyException();
  }

  @Test
  void settingsOfKafkaReachStreams() {
    ServiceConfig config =
        ServiceConfig.of(
            with("streams.security.protocol", "SSL", "streams.consumer.fetch.max.bytes", "1000"));

    assertThat(StreamsProperties.of(config))
        .containsEntry("security.protocol", "SSL")
        .containsEntry("consumer.fetch.max.bytes", "1000")
        .containsEntry("processing.guarantee", "exactly_once_v2");
  }

  @Test
  void aSettingOfOneClientGoesBeforeOneOfAll() {
    ServiceConfig config =
        ServiceConfig.of(
            with(
                "streams.client.rack", "a",
                "streams.consumer.client.rack", "b",
                "streams.main.consumer.client.rack", "c",
                "streams.request.timeout.ms", "1000"));

    assertThat(ClientSettings.consumer(config))
        .containsEntry("client.rack", "c")
        .containsEntry("request.timeout.ms", "1000");
    assertThat(ClientSettings.producer(config)).doesNotContainKey("client.rack");
  }
}
