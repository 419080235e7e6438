package io.atrous.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The schema of frames as producers register it who keep each type under a subject of its own. */
public final class ReferringSchemas {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> REFERENCES =
      List.of("FrameEncoding", "FrameReference", "ColorRange", "ColorMatrix");

  private ReferringSchemas() {}

  /** Registers it under a subject, after the schemas that it refers to, and returns its id. */
  public static int register(String subject, URI registry) throws IOException {
    ObjectNode frame = document("FrameEvent");
    for (String name : REFERENCES) {
      String referenced = ":.types:" + name + "/value";
      post(registry, referenced, document(name));
      frame
          .withArray("references")
          .addObject()
          .put("name", "io.atrous.event." + name)
          .put("subject", referenced)
          .put("version", 1);
    }
    return post(registry, subject, frame).path("id").asInt();
  }

  private static ObjectNode document(String name) throws IOException {
    String schema = Files.readString(Path.of("schemas", name + ".avsc"));
    return JSON.createObjectNode().put("schema", schema);
  }

  private static JsonNode post(URI registry, String subject, ObjectNode document)
      throws IOException {
    String path = URLEncoder.encode(subject, StandardCharsets.UTF_8);
    HttpRequest request =
        HttpRequest.newBuilder(registry.resolve("/subjects/" + path + "/versions"))
            .POST(BodyPublishers.ofString(document.toString()))
            .build();
    HttpResponse<String> answer =
        HttpClient.newHttpClient().sendAsync(request, BodyHandlers.ofString()).join();
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }
}
