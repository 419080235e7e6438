package io.atrous.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SchemaRegistryConfigTest {

  private static SchemaRegistryConfig config(Object... more) {
    return new SchemaRegistryConfig(Configurations.of("http://registry:8081", more));
  }

  @Test
  void needsAUrl() {
    assertThatThrownBy(() -> new SchemaRegistryConfig(Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("schema.registry.url");
    assertThatThrownBy(() -> config(SchemaRegistryConfig.URL, ""))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("schema.registry.url");
  }

  @Test
  void takesSeveralUrls() {
    assertThat(config(SchemaRegistryConfig.URL, "http://a:1/, HTTPS://b/path/").urls())
        .containsExactly(URI.create("http://a:1"), URI.create("https://b/path"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "registry:8081",
        "mock://registry",
        "http://",
        "http://me:s3cret@",
        "http://me:s3cret@host:port",
        "http://me:s3cret@bad host",
        "http://me:s3cret@host/?q=1"
      })
  void refusesWhatIsNotAnHttpUrlWithoutRepeatingIt(String url) {
    assertThatThrownBy(() -> config(SchemaRegistryConfig.URL, url))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("schema.registry.url")
        .hasMessageEndingWith("write it as https://host:port/path.")
        .hasMessageNotContaining("s3cret");
  }

  @ParameterizedTest
  @CsvSource({
    "use.schema.id, 5",
    "use.latest.with.metadata, region=eu",
    "context.name.strategy, com.acme.Contexts",
    "schema.format, resolved",
    "schema.reflection, true",
    "avro.reflection.allow.null, true",
    "propagate.schema.tags, true",
    "rule.executors, encrypt",
    "rule.actions, log",
    "proxy.host, proxy",
    "schema.registry.proxy.host, proxy",
    "bearer.auth.issuer.endpoint.url, https://idp",
    "bearer.auth.custom.provider.class, com.acme.Tokens",
    "key.schema.id.serializer, com.acme.Ids",
    "key.schema.id.deserializer, com.acme.Ids",
    "value.schema.id.serializer, com.acme.Ids",
    "value.schema.id.deserializer, com.acme.Ids",
    "request.header.X-Tenant, acme"
  })
  void refusesWhatItDoesNotSupportButWouldMatter(String key, String value) {
    assertThatThrownBy(() -> config(key, value))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(key + " isn't supported");
  }

  @ParameterizedTest
  @CsvSource({
    "use.schema.id, -1",
    "schema.reflection, false",
    "schema.registry.url.randomize, true",
    "max.schemas.per.subject, 10",
    "avro.use.logical.type.converters, true",
    "latest.cache.size, 10",
    "bootstrap.servers, localhost:9092"
  })
  void ignoresWhatChangesNothing(String key, String value) {
    assertThatCode(() -> config(key, value)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "specific.avro.reader, false, only be true",
    "avro.remove.java.properties, false, only be true",
    "bearer.auth.credentials.source, OAUTHBEARER, STATIC_TOKEN",
    "basic.auth.credentials.source, SASL_INHERIT, USER_INFO",
    "basic.auth.credentials.source, USER_INFO, needs basic.auth.user.info",
    "basic.auth.user.info, me:s3cret, needs basic.auth.credentials.source=USER_INFO",
    "use.latest.version, true, needs auto.register.schemas=false",
    "value.subject.name.strategy, com.acme.Mine, choose TopicNameStrategy",
    "schema.registry.ssl.endpoint.identification.algorithm, '', only be https",
    "schema.registry.ssl.engine.factory.class, java.lang.Object, isn't supported",
    "schema.registry.ssl.trustore.location, /a, Unknown key",
    "bearer.auth.token, 'a s3cret', bearer.auth.token holds blanks",
    "max.retries, -1, max.retries"
  })
  void refusesAContradictionInOneSentence(String key, String value, String says) {
    assertThatThrownBy(() -> config(key, value))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(says)
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void refusesTwoKindsOfCredentialsAndHalfOnes() {
    assertThatThrownBy(
            () ->
                config(
                    SchemaRegistryConfig.URL,
                    "http://me:s3cret@host",
                    SchemaRegistryConfig.BEARER_AUTH_TOKEN,
                    "t0ken"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("both basic and bearer")
        .hasMessageNotContaining("s3cret")
        .hasMessageNotContaining("t0ken");
    assertThatThrownBy(() -> config(SchemaRegistryConfig.URL, "http://me@host"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("user:password");
  }

  @Test
  void takesTheRegistrysKeysWithItsPrefixToo() {
    SchemaRegistryConfig config =
        config(
            "schema.registry.basic.auth.credentials.source",
            "USER_INFO",
            "schema.registry.basic.auth.user.info",
            "me:s3cret",
            "schema.registry.max.retries",
            "9");
    assertThat(config.authorization(0)).startsWith("Basic ");
    assertThat(config.getInt(SchemaRegistryConfig.MAX_RETRIES)).isEqualTo(9);
  }

  @Test
  void doesNotPrintSecrets() {
    SchemaRegistryConfig config =
        config(
            SchemaRegistryConfig.BASIC_AUTH_CREDENTIALS_SOURCE,
            "USER_INFO",
            SchemaRegistryConfig.BASIC_AUTH_USER_INFO,
            "me:s3cret");
    assertThat(config.values().toString()).doesNotContain("s3cret");
  }

  @ParameterizedTest
  @CsvSource({
    "TopicNameStrategy, frames-value, frames-key",
    "RecordNameStrategy, com.acme.Frame, com.acme.Frame",
    "TopicRecordNameStrategy, frames-com.acme.Frame, frames-com.acme.Frame"
  })
  void namesSubjectsAsConfluentDoes(String strategy, String valueSubject, String keySubject) {
    for (String name :
        new String[] {strategy, "io.confluent.kafka.serializers.subject." + strategy}) {
      SchemaRegistryConfig config =
          config("value.subject.name.strategy", name, "key.subject.name.strategy", name);
      assertThat(config.subjectNameStrategy(false).subject("frames", "com.acme.Frame", false))
          .isEqualTo(valueSubject);
      assertThat(config.subjectNameStrategy(true).subject("frames", "com.acme.Frame", true))
          .isEqualTo(keySubject);
    }
  }

  @Test
  void fitsIntoALargerDefinition() {
    ConfigDef service = new ConfigDef();
    service.embed("", "Schema registry", 0, SchemaRegistryConfig.definition());
    assertThat(service.names())
        .contains("schema.registry.url", "schema.registry.ssl.truststore.location");
  }
}
