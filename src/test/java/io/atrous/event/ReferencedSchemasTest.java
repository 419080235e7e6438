package io.atrous.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A registry that names what a schema refers to, and leaves the rest to its clients. */
@Timeout(60)
final class ReferencedSchemasTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int DEADLINE_MILLIS = 1_500;

  private final ScriptedServer server = new ScriptedServer();
  private final AtomicLong nowNanos = new AtomicLong();
  private final SchemaRegistryClient client =
      new SchemaRegistryClient(
          new SchemaRegistryConfig(
              Configurations.of(
                  server.url(),
                  SchemaRegistryConfig.MAX_RETRIES,
                  0,
                  SchemaRegistryConfig.REQUEST_DEADLINE_MS,
                  DEADLINE_MILLIS)),
          millis -> false,
          nowNanos::get);

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  /** A record of that name with a field of each of the types. */
  private static String record(String name, String... types) {
    StringBuilder fields = new StringBuilder();
    for (int i = 0; i < types.length; i++) {
      fields.append(i == 0 ? "" : ",").append(field("f" + i, "\"" + types[i] + "\""));
    }
    return "{\"type\":\"record\",\"name\":\"%s\",\"fields\":[%s]}".formatted(name, fields);
  }

  private static String field(String name, String type) {
    return "{\"name\":\"%s\",\"type\":%s}".formatted(name, type);
  }

  /** An answer whose schema refers to the first versions of those subjects. */
  private static String answer(String schema, String... subjects) {
    ObjectNode answer = JSON.createObjectNode().put("schema", schema);
    for (String subject : subjects) {
      answer
          .withArray("references")
          .addObject()
          .put("name", "any")
          .put("subject", subject)
          .put("version", 1);
    }
    return answer.toString();
  }

  private static Schema parsed(String schema) {
    return new Schema.Parser().parse(schema);
  }

  @Test
  void areFetchedByTheirSubjectsAndVersions() {
    server
        .then(200, answer(record("A", "B", "C"), ":.ctx:b/ü", "c"))
        .then(200, answer(record("B", "long")))
        .then(200, answer(record("C", "int")));

    Schema schema = client.schemaById(5);

    assertThat(schema.getField("f0").schema()).isEqualTo(parsed(record("B", "long")));
    assertThat(schema.getField("f1").schema()).isEqualTo(parsed(record("C", "int")));
    assertThat(server.requests())
        .containsExactly(
            "GET /schemas/ids/5?format=resolved",
            "GET /subjects/%3A.ctx%3Ab%2F%C3%BC/versions/1?deleted=true",
            "GET /subjects/c/versions/1?deleted=true");
  }

  @Test
  void areFoundWhateverTheSchemaIs() {
    server
        .then(200, answer("\"some.B\"", "b"))
        .then(200, answer(record("some.B", "long")))
        .then(200, answer("{\"type\":\"array\",\"items\":\"some.B\"}", "b"))
        .then(200, answer(record("some.B", "long")));

    assertThat(client.schemaById(1)).isEqualTo(parsed(record("some.B", "long")));
    assertThat(client.schemaById(2).getElementType()).isEqualTo(parsed(record("some.B", "long")));
  }

  @Test
  void areNotAskedForIfTheRegistryHasResolvedThem() {
    server.then(200, answer(record("A", "long"), "b", "c"));

    assertThat(client.schemaById(1)).isEqualTo(parsed(record("A", "long")));

    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void areFetchedForTheLatestVersionToo() {
    server
        .then(200, answer(record("A", "B"), "b").replaceFirst("\\{", "{\"id\":9,\"version\":4,"))
        .then(200, answer(record("B", "long")));

    assertThat(client.latestVersion("s").schema().getField("f0").schema())
        .isEqualTo(parsed(record("B", "long")));
  }

  @Test
  void areFetchedOnceHoweverManyWaysLeadThere() {
    server
        .then(200, answer(record("A", "B", "C"), "b", "c"))
        .then(200, answer(record("B", "D"), "d"))
        .then(200, answer(record("D", "long")))
        .then(200, answer(record("C", "D"), "d"));

    Schema schema = client.schemaById(1);

    assertThat(schema.getField("f0").schema().getField("f0").schema())
        .isSameAs(schema.getField("f1").schema().getField("f0").schema());
    assertThat(server.requests()).hasSize(4);
  }

  @Test
  void mayBringTheSameTypeTwice() {
    String common = record("D", "long");
    String withCommon =
        "{\"type\":\"record\",\"name\":\"%s\",\"fields\":[" + field("d", common) + "]}";
    server
        .then(200, answer(record("A", "B", "C"), "b", "c"))
        .then(200, answer(withCommon.formatted("B")))
        .then(200, answer(withCommon.formatted("C")));

    assertThat(client.schemaById(1).getField("f1").schema().getField("d").schema())
        .isEqualTo(parsed(common));
  }

  @Test
  void mayReferToEachOther() {
    server
        .then(200, answer(record("A", "B"), "b"))
        .then(200, answer(record("B", "C"), "c"))
        .then(200, answer("{\"type\":\"array\",\"items\":\"C\"}", "c", "b"));
    assertThatThrownBy(() -> client.schemaById(1))
        .isInstanceOf(InvalidEventException.class)
        .hasMessageContaining("can't be understood");
    String list = "{\"type\":\"array\",\"items\":\"B\"}";
    server
        .then(200, answer(record("A", "B"), "b"))
        .then(200, answer(record("B", "C"), "c"))
        .then(
            200,
            answer(
                "{\"type\":\"record\",\"name\":\"C\",\"fields\":[" + field("bs", list) + "]}",
                "b"));

    Schema b = client.schemaById(2).getField("f0").schema();

    assertThat(b.getField("f0").schema().getField("bs").schema().getElementType()).isSameAs(b);
    assertThat(server.requests()).hasSize(6);
  }

  @Test
  void areLookedForInTheContextOfWhatRefersToThem() {
    server
        .then(
            200,
            answer(record("A", "B"), "b")
                .replaceFirst("\\{", "{\"subject\":\":.ctx:frames-value\","))
        .then(200, answer(record("B", "C"), ":.other:c"))
        .then(200, answer(record("C", "D"), "d"))
        .then(200, answer(record("D", "long")));

    client.schemaById(1);

    assertThat(server.requests().subList(1, 4))
        .containsExactly(
            "GET /subjects/%3A.ctx%3Ab/versions/1?deleted=true",
            "GET /subjects/%3A.other%3Ac/versions/1?deleted=true",
            "GET /subjects/%3A.other%3Ad/versions/1?deleted=true");
  }

  @Test
  void mayNameTheLatestVersion() {
    server
        .then(200, answer(record("A", "B"), "b").replace(":1}", ":-1}"))
        .then(200, answer(record("B", "long")));

    client.schemaById(1);

    assertThat(server.requests().get(1)).isEqualTo("GET /subjects/b/versions/latest?deleted=true");
  }

  @ParameterizedTest
  @ValueSource(ints = {40401, 40402})
  void thatAreMissingMakeABadRecord(int errorCode) {
    server
        .then(200, answer(record("A", "B"), "b"))
        .then(404, "{\"error_code\": %d, \"message\": \"not found\"}".formatted(errorCode));

    assertThatThrownBy(() -> client.schemaById(1))
        .isInstanceOf(InvalidEventException.class)
        .hasMessage(
            "The schema registry doesn't know version 1 of subject b, which the record's schema"
                + " refers to");
  }

  @Test
  void thatTheRegistryCanNotFetchAreNotTheRecordsFault() {
    server.then(200, answer(record("A", "B"), "b")).then(503, "");
    assertThatThrownBy(() -> client.schemaById(1))
        .isInstanceOfSatisfying(
            SchemaRegistryException.class, e -> assertThat(e.isRetriable()).isTrue());

    server.then(200, answer(record("A", "B"), "b")).then(404, "<html>nothing here</html>");
    assertThatThrownBy(() -> client.schemaById(1)).isInstanceOf(SchemaRegistryException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{}]",
        "[null]",
        "[7]",
        "{\"a\": 7}",
        "[{\"subject\": \"\", \"version\": 1}]",
        "[{\"subject\": \"b\"}]",
        "[{\"subject\": \"b\", \"version\": 0}]",
        "[{\"subject\": \"b\", \"version\": \"1\"}]",
        "[{\"subject\": \"b\", \"version\": 99999999999}]"
      })
  void thatNameNothingMakeABadRecord(String references) {
    server.then(200, "{\"schema\": \"\\\"B\\\"\", \"references\": %s}".formatted(references));

    assertThatThrownBy(() -> client.schemaById(1))
        .isInstanceOf(InvalidEventException.class)
        .hasMessageContaining("a reference without subject or version");
  }

  @Test
  void thatAreNotAvroMakeABadRecord() {
    server
        .then(200, answer(record("A", "B"), "b"))
        .then(200, "{\"schemaType\": \"JSON\", \"schema\": \"{}\"}");

    assertThatThrownBy(() -> client.schemaById(1))
        .isInstanceOf(InvalidEventException.class)
        .hasMessageContaining("JSON");
  }

  @Test
  void lieSoDeepAndNoDeeper() {
    for (int depth = 0; depth < ReferencedSchemas.MAX_DEPTH; depth++) {
      server.then(200, answer(record("T" + depth, "T" + (depth + 1)), "s" + (depth + 1)));
    }
    server.then(200, answer(record("T" + ReferencedSchemas.MAX_DEPTH, "long")));
    assertThat(client.schemaById(1).getName()).isEqualTo("T0");

    for (int depth = 0; depth <= ReferencedSchemas.MAX_DEPTH; depth++) {
      server.then(200, answer(record("T" + depth, "T" + (depth + 1)), "s" + (depth + 1)));
    }
    assertThatThrownBy(() -> client.schemaById(2))
        .isInstanceOf(InvalidEventException.class)
        .hasMessage("Its schema in the registry refers more than 20 deep");
  }

  @Test
  void areSoManyAndNoMore() {
    String[] subjects = new String[ReferencedSchemas.MAX_SCHEMAS + 1];
    String[] types = new String[subjects.length];
    for (int i = 0; i < subjects.length; i++) {
      subjects[i] = "s" + i;
      types[i] = "T" + i;
    }
    server.then(200, answer(record("A", types), subjects));
    for (int i = 0; i < ReferencedSchemas.MAX_SCHEMAS; i++) {
      server.then(200, answer(record("T" + i, "long")));
    }

    assertThatThrownBy(() -> client.schemaById(1))
        .isInstanceOf(InvalidEventException.class)
        .hasMessage("Its schema in the registry refers to more than 100 schemas");
    assertThat(server.requests()).hasSize(1 + ReferencedSchemas.MAX_SCHEMAS);
  }

  @Test
  void areSoLongTogetherAndNoLonger() {
    String padding = " ".repeat(ReferencedSchemas.MAX_CHARS / 2);
    server
        .then(200, answer(record("A", "B", "C"), "b", "c"))
        .then(200, answer(record("B", "long") + padding))
        .then(200, answer(record("C", "long") + padding));

    assertThatThrownBy(() -> client.schemaById(1))
        .isInstanceOf(InvalidEventException.class)
        .hasMessage("Its schema in the registry refers to more than 4194304 characters");
  }

  @Test
  void shareTheDeadlineOfOneRequest() {
    List<String> chain = List.of("B", "C", "D", "E", "F", "G");
    server.then(200, answer(record("A", "B"), "B"));
    for (int i = 0; i + 1 < chain.size(); i++) {
      String answer = answer(record(chain.get(i), chain.get(i + 1)), chain.get(i + 1));
      server.then(
          exchange -> {
            nowNanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(DEADLINE_MILLIS / 3));
            byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
          });
    }

    assertThatThrownBy(() -> client.schemaById(1))
        .isInstanceOfSatisfying(
            SchemaRegistryException.class, e -> assertThat(e.isRetriable()).isTrue())
        .hasMessageContaining("no answer within 0 ms");
    assertThat(server.requests()).hasSizeLessThanOrEqualTo(5);
  }
}
