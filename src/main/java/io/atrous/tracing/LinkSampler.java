package io.atrous.tracing;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.List;

/**
 * Keeps a span without a parent if a span that it is linked to is kept, as a batch's is to its
 * frames'. Any other span is the configured sampler's to judge.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class LinkSampler implements Sampler {

  private final Sampler configured;

  LinkSampler(Sampler configured) {
    this.configured = configured;
  }

  @Override
  public SamplingResult shouldSample(
      Context parent,
      String traceId,
      String name,
      SpanKind kind,
      Attributes attributes,
      List<LinkData> links) {
    boolean isLinkedToKept =
        !Span.fromContext(parent).getSpanContext().isValid()
            && links.stream().anyMatch(link -> link.getSpanContext().isSampled());
    return isLinkedToKept
        ? SamplingResult.recordAndSample()
        : configured.shouldSample(parent, traceId, name, kind, attributes, links);
  }

  @Override
  public String getDescription() {
    return "LinkSampler{" + configured.getDescription() + "}";
  }
}
