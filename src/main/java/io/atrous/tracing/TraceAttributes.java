package io.atrous.tracing;

import io.opentelemetry.api.common.AttributeKey;

/**
 * The names of all attributes of spans. Those of messages are OpenTelemetry's conventions 1.45,
 * which are in development and may be renamed; those of Atrous are named as in log lines and
 * metrics.
 */
final class TraceAttributes {

  static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system.name");
  static final AttributeKey<String> OPERATION_NAME =
      AttributeKey.stringKey("messaging.operation.name");
  static final AttributeKey<String> OPERATION_TYPE =
      AttributeKey.stringKey("messaging.operation.type");
  static final AttributeKey<String> TOPIC = AttributeKey.stringKey("messaging.destination.name");
  static final AttributeKey<String> PARTITION =
      AttributeKey.stringKey("messaging.destination.partition.id");
  static final AttributeKey<Long> OFFSET = AttributeKey.longKey("kafka.offset");
  static final AttributeKey<Long> BATCH_FRAMES =
      AttributeKey.longKey("messaging.batch.message_count");
  static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");
  static final AttributeKey<String> SERVICE = AttributeKey.stringKey("service.name");

  static final AttributeKey<String> CAMERA = AttributeKey.stringKey("atrous.camera");
  static final AttributeKey<String> FRAME = AttributeKey.stringKey("atrous.frame");
  static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("atrous.outcome");
  static final AttributeKey<Long> BATCH = AttributeKey.longKey("atrous.batch");
  static final AttributeKey<String> DEVICE = AttributeKey.stringKey("atrous.device");

  private TraceAttributes() {}
}
