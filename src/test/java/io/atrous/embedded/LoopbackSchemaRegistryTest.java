package io.atrous.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LoopbackSchemaRegistryTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ONE_FIELD = record("{\"name\": \"a\", \"type\": \"string\"}");
  private static final String COMPATIBLE =
      record(
          "{\"name\": \"a\", \"type\": \"string\"},"
              + "{\"name\": \"b\", \"type\": \"int\", \"default\": 0}");
  private static final String INCOMPATIBLE = record("{\"name\": \"c\", \"type\": \"int\"}");

  private final LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start();
  private final HttpClient http = HttpClient.newHttpClient();

  @AfterEach
  void stop() {
    registry.close();
  }

  private static String record(String fields) {
    return "{\"type\": \"record\", \"name\": \"R\", \"fields\": [" + fields + "]}";
  }

  private static String document(String schema) {
    return JSON.createObjectNode().put("schema", schema).toString();
  }

  private HttpResponse<String> ask(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(registry.url() + path))
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build();
    return http.send(request, BodyHandlers.ofString());
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    return JSON.readTree(ask("GET", path, "").body());
  }

  private JsonNode post(String path, String schema) throws IOException, InterruptedException {
    return JSON.readTree(ask("POST", path, document(schema)).body());
  }

  @Test
  void listensOnTheLoopbackOnly() throws IOException {
    assertThat(InetAddress.getByName(registry.url().getHost()).isLoopbackAddress()).isTrue();
  }

  @Test
  void givesOneIdToOneSchemaWhateverTheSubject() throws IOException, InterruptedException {
    assertThat(post("/subjects/s/versions", ONE_FIELD).path("id").asInt()).isEqualTo(1);
    assertThat(post("/subjects/s/versions", ONE_FIELD).path("id").asInt()).isEqualTo(1);
    assertThat(post("/subjects/s/versions", COMPATIBLE).path("id").asInt()).isEqualTo(2);
    assertThat(post("/subjects/a%2Fb+c/versions", COMPATIBLE).path("id").asInt()).isEqualTo(2);

    assertThat(get("/subjects")).hasToString("[\"a/b+c\",\"s\"]");
    assertThat(get("/subjects/s/versions")).hasToString("[1,2]");
    assertThat(JSON.readTree(get("/schemas/ids/2").path("schema").asText()))
        .isEqualTo(JSON.readTree(COMPATIBLE));
  }

  @Test
  void findsVersionsAndSchemas() throws IOException, InterruptedException {
    post("/subjects/other/versions", INCOMPATIBLE);
    post("/subjects/s/versions", ONE_FIELD);
    post("/subjects/s/versions", COMPATIBLE);

    JsonNode latest = get("/subjects/s/versions/latest");
    assertThat(latest.path("subject").asText()).isEqualTo("s");
    assertThat(latest.path("version").asInt()).isEqualTo(2);
    assertThat(latest.path("id").asInt()).isEqualTo(3);
    assertThat(get("/subjects/s/versions/2")).isEqualTo(latest);
    assertThat(post("/subjects/s", COMPATIBLE)).isEqualTo(latest);
    assertThat(get("/config").path("compatibilityLevel").asText()).isEqualTo("BACKWARD");
  }

  @Test
  void namesTheReferencesOfASchemaInsteadOfResolvingThem()
      throws IOException, InterruptedException {
    post("/subjects/r/versions", ONE_FIELD);
    String list = "{\"type\":\"array\",\"items\":\"R\"}";
    String request =
        "{\"schema\": %s, \"references\": [%s]}"
            .formatted(
                JSON.writeValueAsString(list), "{\"name\":\"R\",\"subject\":\"r\",\"version\":1}");

    assertThat(ask("POST", "/subjects/list/versions", request).body()).isEqualTo("{\"id\":2}");

    JsonNode byId = get("/schemas/ids/2?format=resolved");
    assertThat(byId.path("schema").asText()).isEqualTo(list);
    assertThat(byId.path("references").path(0).path("subject").asText()).isEqualTo("r");
    assertThat(get("/subjects/list/versions/1").path("references"))
        .isEqualTo(byId.path("references"));
    assertThat(ask("POST", "/subjects/other/versions", request.replace("1}", "2}")).statusCode())
        .isEqualTo(422);
  }

  @Test
  void refusesASchemaThatCanNotReadTheLatest() throws IOException, InterruptedException {
    post("/subjects/s/versions", ONE_FIELD);
    HttpResponse<String> answer = ask("POST", "/subjects/s/versions", document(INCOMPATIBLE));
    assertThat(answer.statusCode()).isEqualTo(409);
    assertThat(JSON.readTree(answer.body()).path("error_code").asInt()).isEqualTo(409);
    assertThat(get("/subjects/s/versions")).hasToString("[1]");
    assertThat(get("/schemas/ids/2").path("error_code").asInt()).isEqualTo(40403);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /nothing, '', 404, 404",
    "GET, /subjects/x/versions, '', 404, 40401",
    "GET, /subjects/x/versions/latest, '', 404, 40401",
    "GET, /subjects/s/versions/2, '', 404, 40402",
    "GET, /subjects/s/versions/-1, '', 404, 40402",
    "GET, /subjects/s/versions/99999999999, '', 404, 40402",
    "GET, /schemas/ids/0, '', 404, 40403",
    "GET, /schemas/ids/two, '', 404, 40403",
    "POST, /subjects/x, '{\"schema\": \"\\\"int\\\"\"}', 404, 40401",
    "POST, /subjects/s, '{\"schema\": \"\\\"int\\\"\"}', 404, 40403",
    "POST, /subjects/s/versions, '{\"schema\": \"nonsense\"}', 422, 42201",
    "POST, /subjects/s/versions, '{}', 422, 42201",
    "POST, /subjects/s/versions, 'nonsense', 400, 400",
    "POST, /subjects/s/versions, '{\"schema\": \"{}\", \"schemaType\": \"JSON\"}', 422, 422",
    "DELETE, /subjects/s, '', 404, 404"
  })
  void answersMistakesWithConfluentsErrors(
      String method, String path, String body, int status, int errorCode)
      throws IOException, InterruptedException {
    post("/subjects/s/versions", ONE_FIELD);
    HttpResponse<String> answer = ask(method, path, body);
    assertThat(answer.statusCode()).isEqualTo(status);
    JsonNode error = JSON.readTree(answer.body());
    assertThat(error.path("error_code").asInt()).isEqualTo(errorCode);
    assertThat(error.path("message").asText()).isNotBlank();
  }

  /** By a byte: the server closes the connection on more, and its answer may go down with it. */
  @Test
  void refusesARequestBeyondAMebibyte() throws IOException, InterruptedException {
    HttpResponse<String> answer = ask("POST", "/subjects/s/versions", " ".repeat((1 << 20) + 1));
    assertThat(answer.statusCode()).isEqualTo(413);
  }
}
