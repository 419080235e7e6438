package io.atrous.event;

import static org.apache.kafka.common.config.ConfigDef.Range.atLeast;
import static org.apache.kafka.common.config.ConfigDef.Range.between;
import static org.apache.kafka.common.config.ConfigDef.ValidString.in;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.config.types.Password;
import org.jspecify.annotations.Nullable;

/**
 * How to reach the schema registry and how to use it, under Confluent's key names. A key of
 * Confluent's that isn't supported here, but would change what is written or who may read it, is
 * refused; keys of others are none of its business.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class SchemaRegistryConfig extends AbstractConfig {

  public static final String URL = "schema.registry.url";
  public static final String AUTO_REGISTER_SCHEMAS = "auto.register.schemas";
  public static final String USE_LATEST_VERSION = "use.latest.version";
  public static final String LATEST_COMPATIBILITY_STRICT = "latest.compatibility.strict";
  public static final String NORMALIZE_SCHEMAS = "normalize.schemas";
  public static final String REMOVE_JAVA_PROPERTIES = "avro.remove.java.properties";
  public static final String SPECIFIC_AVRO_READER = "specific.avro.reader";
  public static final String KEY_SUBJECT_NAME_STRATEGY = "key.subject.name.strategy";
  public static final String VALUE_SUBJECT_NAME_STRATEGY = "value.subject.name.strategy";
  public static final String BASIC_AUTH_CREDENTIALS_SOURCE = "basic.auth.credentials.source";
  public static final String BASIC_AUTH_USER_INFO = "basic.auth.user.info";
  public static final String BEARER_AUTH_CREDENTIALS_SOURCE = "bearer.auth.credentials.source";
  public static final String BEARER_AUTH_TOKEN = "bearer.auth.token";
  public static final String CONNECT_TIMEOUT_MS = "http.connect.timeout.ms";
  public static final String READ_TIMEOUT_MS = "http.read.timeout.ms";
  public static final String MAX_RETRIES = "max.retries";
  public static final String RETRIES_WAIT_MS = "retries.wait.ms";
  public static final String RETRIES_MAX_WAIT_MS = "retries.max.wait.ms";

  /** The one key that Confluent doesn't have. */
  public static final String REQUEST_DEADLINE_MS = "schema.registry.request.deadline.ms";

  /** What the registry's own keys may be prefixed with, and its TLS keys must be. */
  public static final String PREFIX = "schema.registry.";

  private static final Set<String> KEYS_THAT_MAY_BE_PREFIXED =
      Set.of(
          BASIC_AUTH_CREDENTIALS_SOURCE,
          BASIC_AUTH_USER_INFO,
          BEARER_AUTH_CREDENTIALS_SOURCE,
          BEARER_AUTH_TOKEN,
          CONNECT_TIMEOUT_MS,
          READ_TIMEOUT_MS,
          MAX_RETRIES,
          RETRIES_WAIT_MS,
          RETRIES_MAX_WAIT_MS);

  /** Keys of Confluent's that would change what happens, with the value that changes nothing. */
  private static final Map<String, String> UNSUPPORTED =
      Map.ofEntries(
          Map.entry("use.schema.id", "-1"),
          Map.entry("use.latest.with.metadata", ""),
          Map.entry(
              "context.name.strategy",
              "io.confluent.kafka.serializers.context.NullContextNameStrategy"),
          Map.entry("schema.format", ""),
          Map.entry("schema.reflection", "false"),
          Map.entry("avro.reflection.allow.null", "false"),
          Map.entry("propagate.schema.tags", "false"),
          Map.entry("rule.executors", ""),
          Map.entry("rule.actions", ""),
          Map.entry("proxy.host", ""),
          Map.entry("bearer.auth.issuer.endpoint.url", ""),
          Map.entry("bearer.auth.custom.provider.class", ""),
          Map.entry("key.schema.id.serializer", ""),
          Map.entry("key.schema.id.deserializer", ""),
          Map.entry("value.schema.id.serializer", ""),
          Map.entry("value.schema.id.deserializer", ""));

  /** Keys under {@link #PREFIX} that only tune Confluent's client. */
  private static final Set<String> HARMLESS_PREFIXED_KEYS = Set.of("schema.registry.url.randomize");

  private static final String REQUEST_HEADER_PREFIX = "request.header.";

  private static final ConfigDef DEFINITION = define();

  private final List<URI> urls;
  private final List<@Nullable String> authorizations;

  public SchemaRegistryConfig(Map<String, ?> properties) {
    super(DEFINITION, withoutPrefixes(properties), false);
    refuseUnsupported();
    this.urls = new ArrayList<>();
    this.authorizations = new ArrayList<>();
    readUrls();
    refuseContradictions();
  }

  /**
   * Every supported key with its documentation, for embedding into a larger definition (see {@link
   * ConfigDef#embed}).
   */
  public static ConfigDef definition() {
    return new ConfigDef(DEFINITION);
  }

  private static ConfigDef define() {
    ConfigDef definition =
        new ConfigDef()
            .define(
                URL,
                ConfigDef.Type.LIST,
                ConfigDef.NO_DEFAULT_VALUE,
                Importance.HIGH,
                "Where the schema registry answers: one URL, or several of one registry that are"
                    + " tried in turn. http or https, with a path if it has one.")
            .define(
                AUTO_REGISTER_SCHEMAS,
                ConfigDef.Type.BOOLEAN,
                true,
                Importance.MEDIUM,
                "Register the schemas of events that are written. If false, they must have been"
                    + " registered before.")
            .define(
                USE_LATEST_VERSION,
                ConfigDef.Type.BOOLEAN,
                false,
                Importance.LOW,
                "Write with the latest schema that is registered under the subject instead of the"
                    + " event's own. Needs "
                    + AUTO_REGISTER_SCHEMAS
                    + "=false.")
            .define(
                LATEST_COMPATIBILITY_STRICT,
                ConfigDef.Type.BOOLEAN,
                true,
                Importance.LOW,
                "With "
                    + USE_LATEST_VERSION
                    + ": refuse a latest schema that can't read every event written with the"
                    + " event's own.")
            .define(
                NORMALIZE_SCHEMAS,
                ConfigDef.Type.BOOLEAN,
                false,
                Importance.LOW,
                "Let the registry normalise schemas before it compares them.")
            .define(
                REMOVE_JAVA_PROPERTIES,
                ConfigDef.Type.BOOLEAN,
                true,
                alwaysTrue("a schema would get a second id because of what only Java sees in it"),
                Importance.LOW,
                "Java's own properties are always removed from a schema before it is registered.")
            .define(
                SPECIFIC_AVRO_READER,
                ConfigDef.Type.BOOLEAN,
                true,
                alwaysTrue("events are always read into their generated classes"),
                Importance.LOW,
                "Events are always read into their generated classes.")
            .define(
                KEY_SUBJECT_NAME_STRATEGY,
                ConfigDef.Type.STRING,
                SubjectNameStrategy.TOPIC_NAME.confluentName(),
                Importance.LOW,
                "Which subject a topic's key schemas live under.")
            .define(
                VALUE_SUBJECT_NAME_STRATEGY,
                ConfigDef.Type.STRING,
                SubjectNameStrategy.TOPIC_NAME.confluentName(),
                Importance.MEDIUM,
                "Which subject a topic's schemas live under: TopicNameStrategy, RecordNameStrategy"
                    + " or TopicRecordNameStrategy, with or without Confluent's package.")
            .define(
                BASIC_AUTH_CREDENTIALS_SOURCE,
                ConfigDef.Type.STRING,
                "URL",
                in("URL", "USER_INFO"),
                Importance.MEDIUM,
                "Where user and password come from: URL (https://user:password@host) or USER_INFO ("
                    + BASIC_AUTH_USER_INFO
                    + ").")
            .define(
                BASIC_AUTH_USER_INFO,
                ConfigDef.Type.PASSWORD,
                "",
                Importance.MEDIUM,
                "user:password, with " + BASIC_AUTH_CREDENTIALS_SOURCE + "=USER_INFO.")
            .define(
                BEARER_AUTH_CREDENTIALS_SOURCE,
                ConfigDef.Type.STRING,
                "STATIC_TOKEN",
                in("STATIC_TOKEN"),
                Importance.LOW,
                "Where the bearer token comes from: STATIC_TOKEN (" + BEARER_AUTH_TOKEN + ").")
            .define(
                BEARER_AUTH_TOKEN,
                ConfigDef.Type.PASSWORD,
                "",
                Importance.MEDIUM,
                "A bearer token.")
            .define(
                CONNECT_TIMEOUT_MS,
                ConfigDef.Type.INT,
                1_000,
                atLeast(1),
                Importance.LOW,
                "How long to wait for a connection.")
            .define(
                READ_TIMEOUT_MS,
                ConfigDef.Type.INT,
                5_000,
                atLeast(1),
                Importance.LOW,
                "How long to wait for a whole answer once there is a connection.")
            .define(
                REQUEST_DEADLINE_MS,
                ConfigDef.Type.INT,
                1_500,
                atLeast(1),
                Importance.MEDIUM,
                "How long a frame may wait for its schema, with all URLs, tries and waits between"
                    + " them; then the registry counts as unreachable.")
            .define(
                MAX_RETRIES,
                ConfigDef.Type.INT,
                3,
                between(0, 1_000),
                Importance.LOW,
                "How often to try again, for each URL, after a network error or status 408, 429 or"
                    + " 5xx.")
            .define(
                RETRIES_WAIT_MS,
                ConfigDef.Type.INT,
                100,
                atLeast(0),
                Importance.LOW,
                "How long to wait before the first retry; it doubles with each, give or take 20%.")
            .define(
                RETRIES_MAX_WAIT_MS,
                ConfigDef.Type.INT,
                2_000,
                atLeast(0),
                Importance.LOW,
                "The longest wait between two tries.");
    definition.embed(PREFIX, "TLS", 0, new ConfigDef().withClientSslSupport());
    return definition;
  }

  private static ConfigDef.Validator alwaysTrue(String reason) {
    return ConfigDef.LambdaValidator.with(
        (name, value) -> {
          if (!Boolean.TRUE.equals(value)) {
            throw new ConfigException(name, value, "it can only be true: " + reason);
          }
        },
        () -> "true");
  }

  /** Confluent's client takes its keys with {@link #PREFIX} too, and prefers them. */
  private static Map<String, Object> withoutPrefixes(Map<String, ?> properties) {
    Map<String, Object> result = new HashMap<>(properties);
    for (String key : KEYS_THAT_MAY_BE_PREFIXED) {
      Object value = result.remove(PREFIX + key);
      if (value != null) {
        result.put(key, value);
      }
    }
    return result;
  }

  private void refuseUnsupported() {
    originals()
        .forEach(
            (key, value) -> {
              if (DEFINITION.names().contains(key) || HARMLESS_PREFIXED_KEYS.contains(key)) {
                return;
              }
              boolean prefixed = key.startsWith(PREFIX);
              String bare = prefixed ? key.substring(PREFIX.length()) : key;
              String harmless = UNSUPPORTED.get(bare);
              if (harmless == null && !bare.startsWith(REQUEST_HEADER_PREFIX)) {
                if (prefixed) {
                  throw new ConfigException(
                      "Unknown key " + key + ": check its spelling, or remove it.");
                }
                return;
              }
              String text = value == null ? "" : value.toString().trim();
              if (!text.isEmpty() && !text.equals(harmless)) {
                throw new ConfigException(
                    key
                        + " isn't supported by Atrous' own Avro serde and would change what it"
                        + " does: remove it, or use Confluent's serde (Maven profile confluent).");
              }
            });
  }

  private void readUrls() {
    List<String> entries = getList(URL);
    for (int i = 0; i < entries.size(); i++) {
      String which = URL + (entries.size() == 1 ? "" : ", entry " + (i + 1));
      URI uri = parse(which, entries.get(i).trim());
      // User and password leave the URL here, before anything can print it.
      authorizations.add(authorization(which, uri.getUserInfo()));
      urls.add(withoutUserInfo(uri));
    }
    if (urls.isEmpty()) {
      throw new ConfigException(URL + " is empty: set it to the schema registry's URL.");
    }
  }

  /** Never quotes the text: it may hold a password. */
  private static URI parse(String which, String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw new ConfigException(which + " is not a URL: write it as https://host:port/path.");
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (!(scheme.equals("http") || scheme.equals("https")) || uri.getHost() == null) {
      throw new ConfigException(
          which + " is not an http or https URL: write it as https://host:port/path.");
    }
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new ConfigException(
          which + " has a query or fragment: write it as https://host:port/path.");
    }
    return uri;
  }

  private @Nullable String authorization(String which, @Nullable String urlUserInfo) {
    String userInfo =
        getString(BASIC_AUTH_CREDENTIALS_SOURCE).equals("URL")
            ? urlUserInfo
            : getPassword(BASIC_AUTH_USER_INFO).value();
    String token = getPassword(BEARER_AUTH_TOKEN).value().strip();
    if (!token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      // Said here, since the HTTP client would quote the whole token.
      throw new ConfigException(
          BEARER_AUTH_TOKEN + " holds blanks, line breaks or non-ASCII characters.");
    }
    if (userInfo == null || userInfo.isEmpty()) {
      return token.isEmpty() ? null : "Bearer " + token;
    }
    if (!token.isEmpty()) {
      throw new ConfigException(
          "There are both basic and bearer credentials for the schema registry: set either "
              + BEARER_AUTH_TOKEN
              + " or a user and password.");
    }
    if (userInfo.indexOf(':') < 0) {
      throw new ConfigException(
          (urlUserInfo == null ? BASIC_AUTH_USER_INFO : which)
              + " holds a user without a password: write them as user:password.");
    }
    return "Basic " + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
  }

  private static URI withoutUserInfo(URI uri) {
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    while (path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    String host = uri.getHost();
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    return URI.create(uri.getScheme().toLowerCase(Locale.ROOT) + "://" + host + port + path);
  }

  private void refuseContradictions() {
    Password userInfo = getPassword(BASIC_AUTH_USER_INFO);
    boolean fromUserInfo = getString(BASIC_AUTH_CREDENTIALS_SOURCE).equals("USER_INFO");
    if (fromUserInfo && userInfo.value().isEmpty()) {
      throw new ConfigException(
          BASIC_AUTH_CREDENTIALS_SOURCE + "=USER_INFO needs " + BASIC_AUTH_USER_INFO + ".");
    }
    if (!fromUserInfo && !userInfo.value().isEmpty()) {
      throw new ConfigException(
          BASIC_AUTH_USER_INFO + " needs " + BASIC_AUTH_CREDENTIALS_SOURCE + "=USER_INFO.");
    }
    if (getBoolean(USE_LATEST_VERSION) && getBoolean(AUTO_REGISTER_SCHEMAS)) {
      throw new ConfigException(
          USE_LATEST_VERSION + "=true needs " + AUTO_REGISTER_SCHEMAS + "=false.");
    }
    SubjectNameStrategy.parse(KEY_SUBJECT_NAME_STRATEGY, getString(KEY_SUBJECT_NAME_STRATEGY));
    SubjectNameStrategy.parse(VALUE_SUBJECT_NAME_STRATEGY, getString(VALUE_SUBJECT_NAME_STRATEGY));
    String identification =
        getString(PREFIX + SslConfigs.SSL_ENDPOINT_IDENTIFICATION_ALGORITHM_CONFIG);
    if (!"https".equalsIgnoreCase(identification)) {
      throw new ConfigException(
          PREFIX
              + SslConfigs.SSL_ENDPOINT_IDENTIFICATION_ALGORITHM_CONFIG
              + " can only be https: the registry's host name is always verified.");
    }
    if (getClass(PREFIX + SslConfigs.SSL_ENGINE_FACTORY_CLASS_CONFIG) != null) {
      throw new ConfigException(
          PREFIX + SslConfigs.SSL_ENGINE_FACTORY_CLASS_CONFIG + " isn't supported: remove it.");
    }
  }

  /** Returns the longest time of a lookup, with all URLs, tries and waits between them. */
  public Duration requestDeadline() {
    return Duration.ofMillis(getInt(REQUEST_DEADLINE_MS));
  }

  /** The registry's URLs, without credentials and without a slash at the end. */
  List<URI> urls() {
    return urls;
  }

  /** The Authorization header for the URL of that index, if there is one. */
  @Nullable String authorization(int urlIndex) {
    return authorizations.get(urlIndex);
  }

  SubjectNameStrategy subjectNameStrategy(boolean isKey) {
    String key = isKey ? KEY_SUBJECT_NAME_STRATEGY : VALUE_SUBJECT_NAME_STRATEGY;
    return SubjectNameStrategy.parse(key, getString(key));
  }

  /** TLS settings under Kafka's own names: without {@link #PREFIX}, with their defaults. */
  Map<String, @Nullable Object> tls() {
    Map<String, @Nullable Object> result = new HashMap<>();
    values()
        .forEach(
            (key, value) -> {
              if (key.startsWith(PREFIX + "ssl.")) {
                result.put(key.substring(PREFIX.length()), value);
              }
            });
    return result;
  }
}
