package io.atrous.web;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/**
 * The metrics of a process, written for a scraper.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public interface Metrics {

  /**
   * All metrics at a moment.
   *
   * @param mediaType the format of the body
   */
  record Exposition(String mediaType, String body) {}

  /**
   * Writes all metrics.
   *
   * @param accept the scraper's Accept header; empty if it sent none
   */
  Exposition scrape(String accept);

  /** Writes a registry in Prometheus' text format, or in OpenMetrics' if the scraper takes that. */
  static Metrics of(PrometheusMeterRegistry registry) {
    return accept -> {
      String mediaType =
          accept.contains("application/openmetrics-text")
              ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
              : "text/plain; version=0.0.4; charset=utf-8";
      return new Exposition(mediaType, registry.scrape(mediaType));
    };
  }
}
