package io.atrous.examples.alerts;

import io.atrous.event.Topics;
import java.util.Properties;

/**
 * The names of the topics.
 *
 * @param masks topic of masks
 * @param regions topic of regions
 * @param alerts topic of alerts
 */
record AlertTopics(String masks, String regions, String alerts) {

  /** As properties name them, by the keys of the service. */
  static AlertTopics of(Properties properties) {
    return new AlertTopics(
        properties.getProperty("masks.topic", Topics.MASKS),
        properties.getProperty("regions.topic", Topics.REGIONS),
        properties.getProperty("alerts.topic", "alerts"));
  }
}
