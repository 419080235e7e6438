package io.atrous.settings;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/**
 * The configuration of taking in cameras, checked: how the service's part of it means cluster,
 * registry and topics, and the cameras. Other keys of the service may stand in it, and are left
 * alone.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class IngestConfig extends AbstractConfig {

  static final ConfigDef DEFINITION = new ConfigDef();

  static {
    KafkaKeys.defineBrokers(new KeyGroup(DEFINITION, "Service"));
    TopicKeys.define(DEFINITION);
    FrameKeys.define(DEFINITION);
    ClaimCheckKeys.define(DEFINITION);
    RegistryKeys.define(DEFINITION);
    WebKeys.define(DEFINITION);
    LogKeys.define(DEFINITION);
    IngestKeys.define(DEFINITION);
  }

  private final List<CameraSettings> cameras;

  private IngestConfig(Map<String, String> settings) {
    super(DEFINITION, settings, false);
    this.cameras = CameraKeys.cameras(settings, knownKeys());
  }

  /**
   * Checks and takes settings; {@linkplain References references} in values are resolved.
   *
   * @throws ConfigException in one sentence that names the key, if a key is unknown or missing, or
   *     a value is impossible
   */
  public static IngestConfig of(Map<String, String> settings) {
    refuseUnknown(settings);
    return References.resolve(
        settings,
        resolved -> {
          IngestConfig config = new IngestConfig(resolved);
          config.check();
          return config;
        });
  }

  private void check() {
    PassThrough.check(this);
    var unusedTopic = TopicKeys.camerasTopic(this);
    var unusedPolicy = IngestKeys.policy(this);
    var unusedPrefix = IngestKeys.referencesPrefix(this);
  }

  private static void refuseUnknown(Map<String, String> settings) {
    Set<String> known = knownKeys();
    for (String key : settings.keySet()) {
      if (!key.startsWith(KafkaKeys.STREAMS_PREFIX)
          && !References.isKey(key)
          && !known.contains(key)
          && !CameraKeys.isKey(key)) {
        throw new ConfigException(
            "Unknown key '%s'; did you mean '%s'?".formatted(key, NearestKey.to(key, known)));
      }
    }
  }

  private static Set<String> knownKeys() {
    Set<String> known = new TreeSet<>(DEFINITION.names());
    known.addAll(ServiceConfig.DEFINITION.names());
    return known;
  }

  /** The cameras, in the order of their names; at least one. */
  public List<CameraSettings> cameras() {
    return cameras;
  }
}
