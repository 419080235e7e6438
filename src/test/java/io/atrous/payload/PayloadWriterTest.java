package io.atrous.payload;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.robothy.s3.rest.LocalS3;
import com.robothy.s3.rest.bootstrap.LocalS3Mode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Payloads that are put somewhere are found there by their claim checks. */
@Timeout(60)
final class PayloadWriterTest {

  private static final byte[] PAYLOAD = "a payload".getBytes(UTF_8);
  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir Path folder;

  private static PayloadSettings settings(AllowedPrefix prefix, String endpoint) {
    return new PayloadSettings(
        List.of(prefix),
        1_000,
        2,
        LONG,
        LONG,
        LONG,
        new S3Settings(URI.create(endpoint), "the-region", true, "the-id", "the-secret"));
  }

  private static byte[] fetched(PayloadReference reference, PayloadSettings settings) {
    try (PayloadFetcher fetcher = new PayloadFetcher(settings, "prefixes", System::nanoTime)) {
      ByteBuffer payload = fetcher.resolve(reference).join();
      byte[] bytes = new byte[payload.remaining()];
      payload.get(bytes);
      return bytes;
    }
  }

  @Test
  void aFileIsFoundByItsClaimCheckAndNothingElseIsLeft() throws Exception {
    AllowedPrefix prefix = AllowedPrefix.parse(folder.toUri().toString());
    PayloadSettings settings = settings(prefix, "http://127.0.0.1:1");
    try (PayloadWriter writer = PayloadWriter.open(prefix, settings)) {
      PayloadReference reference = writer.write("gate/session/00000001.jpg", PAYLOAD);

      assertThat(reference.sizeBytes()).isEqualTo(PAYLOAD.length);
      assertThat(fetched(reference, settings)).isEqualTo(PAYLOAD);
      try (var files = Files.list(folder.resolve("gate/session"))) {
        assertThat(files).hasSize(1);
      }
    }
  }

  @Test
  void whatCanNotBeWrittenIsOneSentence() throws Exception {
    Files.createFile(folder.resolve("gate"));
    AllowedPrefix prefix = AllowedPrefix.parse(folder.toUri().toString());
    try (PayloadWriter writer =
        PayloadWriter.open(prefix, settings(prefix, "http://127.0.0.1:1"))) {
      assertThatThrownBy(() -> writer.write("gate/session/1.jpg", PAYLOAD))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("gate/session/1.jpg can't be written");
    }
  }

  @Test
  void anObjectIsFoundByItsClaimCheck() throws Exception {
    LocalS3 server = LocalS3.builder().port(-1).mode(LocalS3Mode.IN_MEMORY).build();
    server.start();
    try {
      String endpoint = "http://127.0.0.1:" + server.getPort();
      var unused =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create(endpoint + "/bucket"))
                      .PUT(BodyPublishers.noBody())
                      .build(),
                  BodyHandlers.discarding());
      AllowedPrefix prefix = AllowedPrefix.parse("s3://bucket/frames");
      PayloadSettings settings = settings(prefix, endpoint);
      try (PayloadWriter writer = PayloadWriter.open(prefix, settings)) {
        PayloadReference reference = writer.write("gate/1.jpg", PAYLOAD);

        assertThat(reference.uri()).isEqualTo("s3://bucket/frames/gate/1.jpg");
        assertThat(fetched(reference, settings)).isEqualTo(PAYLOAD);
      }
      AllowedPrefix elsewhere = AllowedPrefix.parse("s3://no-bucket/frames");
      try (PayloadWriter writer = PayloadWriter.open(elsewhere, settings(elsewhere, endpoint))) {
        assertThatThrownBy(() -> writer.write("gate/1.jpg", PAYLOAD))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("can't be written")
            .hasMessageNotContaining("the-secret");
      }
    } finally {
      // Takes seconds, for which nobody has to wait.
      var unused = CompletableFuture.runAsync(server::shutdown);
    }
  }

  @Test
  void aWebServerIsNoPlaceToPutFrames() {
    AllowedPrefix prefix = AllowedPrefix.parse("https://store.example/frames");

    assertThatThrownBy(() -> PayloadWriter.open(prefix, settings(prefix, "http://127.0.0.1:1")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("frames can be put to file:/// and s3://, not to https://store.example/frames");
  }
}
