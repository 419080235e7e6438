package io.atrous.settings;

import io.atrous.payload.AllowedPrefix;
import io.atrous.payload.PayloadSettings;
import io.atrous.payload.S3Settings;
import java.util.List;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.types.Password;
import org.jspecify.annotations.Nullable;

/** The keys of payloads that lie outside of Kafka: from where they may be fetched, and how. */
public final class ClaimCheckKeys {

  public static final String ALLOWED_PREFIXES = "frames.references.allowed.prefixes";
  public static final String THREADS = "frames.references.threads";
  public static final String TIMEOUT_MS = "frames.references.timeout.ms";
  public static final String REQUEST_TIMEOUT_MS = "frames.references.request.timeout.ms";
  public static final String CONNECT_TIMEOUT_MS = "frames.references.connect.timeout.ms";
  public static final String S3_ENDPOINT = "frames.references.s3.endpoint";
  public static final String S3_REGION = "frames.references.s3.region";
  public static final String S3_PATH_STYLE = "frames.references.s3.path.style.access";
  public static final String S3_ACCESS_KEY = "frames.references.s3.access.key";
  public static final String S3_SECRET_KEY = "frames.references.s3.secret.key";

  private static final int LONGEST_TIMEOUT_MS = 300_000;

  private ClaimCheckKeys() {}

  static void define(ConfigDef definition) {
    new KeyGroup(definition, "Claim checks")
        .list(
            ALLOWED_PREFIXES,
            "Where references to payloads may point: prefixes such as file:///frames,"
                + " https://store.example/frames or s3://bucket/frames. Anything else is a dead"
                + " letter; so is every reference if this is empty. See docs/claim-checks.md.")
        .integer(THREADS, 16, 1, 1024, "How many payloads of one prefix are fetched at once.")
        .integer(
            TIMEOUT_MS,
            2_000,
            1,
            LONGEST_TIMEOUT_MS,
            "How long a payload may take with all tries and waits before its frame becomes a dead"
                + " letter; at most half of "
                + KafkaKeys.DRAIN_TIMEOUT_MS
                + ".")
        .integer(
            REQUEST_TIMEOUT_MS,
            1_000,
            1,
            LONGEST_TIMEOUT_MS,
            "How long one try may take. Time-outs, broken connections and statuses 408, 429 and 5xx"
                + " are tried again while there is time.")
        .integer(CONNECT_TIMEOUT_MS, 500, 1, LONGEST_TIMEOUT_MS, "How long connecting may take.")
        .text(
            S3_ENDPOINT,
            null,
            "The URL of an S3-compatible server; AWS itself if not set here or in the AWS SDK's"
                + " environment.")
        .text(S3_REGION, null, "The buckets' region; as the AWS SDK finds it if not set.")
        .flag(
            S3_PATH_STYLE,
            "Ask for endpoint/bucket/key instead of bucket.endpoint/key, as most servers but AWS"
                + " need it.")
        .text(
            S3_ACCESS_KEY,
            null,
            "The access key's id; without it, credentials come from where the AWS SDK looks.")
        .optional(S3_SECRET_KEY, ConfigDef.Type.PASSWORD, null, null, "The access key's secret.");
  }

  /** From where payloads may be fetched, and how. */
  public static PayloadSettings payloads(AbstractConfig config) {
    List<AllowedPrefix> allowed =
        config.getList(ALLOWED_PREFIXES).stream()
            .map(prefix -> Values.checked(ALLOWED_PREFIXES, () -> AllowedPrefix.parse(prefix)))
            .toList();
    S3Settings s3 = s3(config);
    return Values.checked(
        CONNECT_TIMEOUT_MS + "', '" + REQUEST_TIMEOUT_MS + "' and '" + TIMEOUT_MS,
        () ->
            new PayloadSettings(
                allowed,
                config.getInt(FrameKeys.FRAMES_MAX_BYTES),
                config.getInt(THREADS),
                Values.millis(config, TIMEOUT_MS),
                Values.millis(config, REQUEST_TIMEOUT_MS),
                Values.millis(config, CONNECT_TIMEOUT_MS),
                s3));
  }

  private static S3Settings s3(AbstractConfig config) {
    @Nullable String endpoint = config.getString(S3_ENDPOINT);
    @Nullable Password secret = config.getPassword(S3_SECRET_KEY);
    return Values.checked(
        S3_ACCESS_KEY + "' and '" + S3_SECRET_KEY,
        () ->
            new S3Settings(
                endpoint == null
                    ? null
                    : Values.checked(S3_ENDPOINT, () -> S3Settings.parseEndpoint(endpoint)),
                config.getString(S3_REGION),
                config.getBoolean(S3_PATH_STYLE),
                config.getString(S3_ACCESS_KEY),
                secret == null ? null : secret.value()));
  }
}
