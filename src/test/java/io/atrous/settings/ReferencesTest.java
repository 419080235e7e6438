package io.atrous.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigData;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.provider.ConfigProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values that lie in files, in the environment, or where a provider of the user's finds them. */
final class ReferencesTest {

  private static final String SECRET = "s3cr3tM4rk";

  /** Set for all tests by the build. */
  private static final String VARIABLE = "OMP_WAIT_POLICY";

  @TempDir Path directory;

  private Path file;

  @BeforeEach
  void writeSecrets() throws IOException {
    file = Files.writeString(directory.resolve("kafka.properties"), "word=" + SECRET + "\n");
    Files.writeString(directory.resolve("password"), SECRET + "\n");
  }

  private String ofFile(String key) {
    return "${file:" + file + ":" + key + "}";
  }

  private String ofDirectory(String name) {
    return "${dir:" + directory + ":" + name + "}";
  }

  private static ServiceConfig config(String... keysAndValues) {
    Map<String, String> settings = new HashMap<>(ServiceConfigTest.REQUIRED);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      settings.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return ServiceConfig.of(settings);
  }

  private static String refusal(String... keysAndValues) {
    try {
      var unused = config(keysAndValues);
    } catch (ConfigException e) {
      assertThat(e.getMessage()).doesNotContain(SECRET);
      return String.valueOf(e.getMessage());
    }
    throw new AssertionError("The configuration is taken");
  }

  @Test
  void theFileTheDirectoryAndTheEnvironmentNeedNoDeclaration() {
    String jaas = "org.example.Login required password=\"%s\";";
    ServiceConfig config =
        config(
            "application.id", "a-${env:" + VARIABLE + "}",
            "frames.references.s3.access.key", ofFile("word"),
            "frames.references.s3.secret.key", ofDirectory("password"),
            "basic.auth.credentials.source", "USER_INFO",
            "basic.auth.user.info", "user:" + ofFile("word"),
            "streams.sasl.jaas.config", jaas.formatted(ofDirectory("password")),
            "streams.producer.ssl.key.password", ofFile("word"));

    assertThat(config.getString("application.id")).isEqualTo("a-" + System.getenv(VARIABLE));
    assertThat(config.getString("frames.references.s3.access.key")).isEqualTo(SECRET);
    assertThat(config.getPassword("frames.references.s3.secret.key").value())
        .as("without the end of the file's line")
        .isEqualTo(SECRET);
    assertThat(RegistryKeys.properties(config))
        .containsEntry("basic.auth.user.info", "user:" + SECRET);
    assertThat(StreamsProperties.of(config))
        .containsEntry("sasl.jaas.config", jaas.formatted(SECRET))
        .containsEntry("producer.ssl.key.password", SECRET);
    assertThat(ClientSettings.producer(config)).containsEntry("ssl.key.password", SECRET);
  }

  @Test
  void toolsResolveThemToo() {
    Map<String, String> settings = new HashMap<>(ServiceConfigTest.REQUIRED);
    settings.remove("model.file");
    settings.put("streams.sasl.jaas.config", ofFile("word"));

    AbstractConfig config = ServiceConfig.forTools(settings);

    assertThat(ClientSettings.admin(config)).containsEntry("sasl.jaas.config", SECRET);
  }

  @Test
  void whatAReferenceStandsForIsNotResolvedAgain() throws IOException {
    Files.writeString(directory.resolve("password"), ofFile("word"));

    assertThat(config("application.id", ofDirectory("password")).getString("application.id"))
        .isEqualTo(ofFile("word"));
  }

  @Test
  void aProviderOfTheUsersStandsBesideThem() {
    ServiceConfig config =
        config(
            "config.providers",
            "vault",
            "config.providers.vault.class",
            Vault.class.getName(),
            "config.providers.vault.param.prefix",
            "kept-",
            "application.id",
            "${vault:camera/group:id}-" + ofFile("word"));

    assertThat(config.getString("application.id")).isEqualTo("kept-camera/group/id-" + SECRET);
    assertThat(config.originals()).doesNotContainKey("config.providers");
  }

  @Test
  void aProviderOfTheUsersMayTakeAnothersName() {
    assertThat(
            config(
                    "config.providers", "file, env",
                    "config.providers.env.class", Vault.class.getName(),
                    "application.id", "${env:id}")
                .getString("application.id"))
        .isEqualTo("/id");
  }

  @Test
  void pathsAndVariablesThatAreNotAllowedHaveNoValue() {
    assertThat(
            refusal(
                "streams.sasl.jaas.config",
                ofFile("word"),
                "config.providers.file.param.allowed.paths",
                "/usr"))
        .contains("'streams.sasl.jaas.config'", ofFile("word"), "config.providers.file.param");
    assertThat(
            refusal(
                "application.id",
                "${env:" + VARIABLE + "}",
                "config.providers.env.param.allowlist.pattern",
                "ATROUS_.*"))
        .contains("'application.id'", "${env:" + VARIABLE + "}", "config.providers.env.param");
    assertThat(
            config(
                    "application.id", ofFile("word"),
                    "config.providers.file.param.allowed.paths", directory.toString())
                .getString("application.id"))
        .isEqualTo(SECRET);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "${env:ATROUS_TEST_NOT_SET}",
        "${env:a/path:NAME}",
        "${file:/nowhere/kafka.properties:word}",
        "${dir:/nowhere:password}",
        "${file:kafka.properties}",
        "${valt:camera:id}",
        "${:a:b}",
      })
  void aReferenceThatLeadsNowhereIsNamedWithItsKey(String reference) {
    assertThat(refusal("streams.ssl.key.password", "x" + reference + "y"))
        .contains("'streams.ssl.key.password'", "'" + reference + "'");
  }

  @Test
  void anotherKeyOfTheFileIsNotShown() {
    assertThat(refusal("streams.ssl.key.password", ofFile("wort"))).contains(ofFile("wort"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "batch.max.size",
        "processing.guarantee",
        "mask.codec",
        "web.listen",
        "frames.topics.pattern",
        "frames.references.allowed.prefixes",
        "camera.weights",
        "schema.registry.url",
        "streams.producer.linger.ms",
        "streams.security.protocol",
        "streams.consumer.interceptor.classes",
      })
  void theValueIsNotShownWhereItIsImpossible(String key) throws IOException {
    Files.writeString(directory.resolve("password"), SECRET + "(");

    Files.writeString(directory.resolve("topics"), "");

    assertThat(
            key.startsWith("frames.topics")
                ? refusal(key, ofDirectory("password"), "frames.topics", ofDirectory("topics"))
                : refusal(key, ofDirectory("password")))
        .contains(key);
  }

  @Test
  void aProviderThatCanNotBeUsedIsNamed() {
    assertThat(refusal("config.providers", "vault")).contains("config.providers.vault.class");
    assertThat(refusal("config.providers", "v", "config.providers.v.class", "no.such.Vault"))
        .contains("config.providers.v.class", "no.such.Vault");
    assertThat(refusal("config.providers", "v", "config.providers.v.class", "java.lang.String"))
        .contains("config.providers.v.class", "java.lang.String");
    assertThat(refusal("config.providers.env.param.allowlist.pattern", "("))
        .contains("config.providers.env.param");
    assertThat(refusal("config.providers.file.param.allowed.paths", "/nowhere"))
        .contains("config.providers.file.param");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "config.provider",
        "config.providers.file.parameter.allowed.paths",
        "config.providers.vault.class",
        "config.providers.file",
        "streams.config.providers"
      })
  void aKeyThatNoProviderReadsIsRefused(String key) {
    assertThat(refusal(key, "x")).contains("'" + key + "'");
  }

  @Test
  void aSettingWithoutAReferenceStaysAsItIs() {
    String regex = "(a|b)$|\\{c:d}|\\$\\d{2}";

    assertThat(config("frames.topics", "", "frames.topics.pattern", regex))
        .extracting(config -> config.getString("frames.topics.pattern"))
        .isEqualTo(regex);
  }

  @Test
  void aProviderThatFailsIsNamedWithTheKeyAndTheReference() {
    assertThatThrownBy(
            () ->
                config(
                    "config.providers", "vault",
                    "config.providers.vault.class", Vault.class.getName(),
                    "application.id", "${vault:sealed:id}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("'application.id'", "'${vault:sealed:id}'", "it is sealed");
  }

  /** Says where it was asked for a value. */
  public static final class Vault implements ConfigProvider {

    private String prefix = "";

    @Override
    public void configure(Map<String, ?> parameters) {
      if (parameters.get("prefix") instanceof String given) {
        prefix = given;
      }
    }

    @Override
    public ConfigData get(String path) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ConfigData get(String path, Set<String> keys) {
      if (path.equals("sealed")) {
        throw new IllegalStateException("it is sealed");
      }
      Map<String, String> values = new HashMap<>();
      List.copyOf(keys).forEach(key -> values.put(key, prefix + path + "/" + key));
      return new ConfigData(values);
    }

    @Override
    public void close() {}
  }
}
