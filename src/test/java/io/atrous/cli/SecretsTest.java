package io.atrous.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.embedded.SharedKafka;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import io.atrous.event.FrameReference;
import io.atrous.event.LoopbackSerdes;
import io.atrous.event.ScriptedServer;
import io.atrous.model.Model;
import io.atrous.process.ChildJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What a process of the service writes, all of it, at its most talkative: no secret from its
 * configuration or from frames, and nothing of strangers that commands a terminal.
 */
@ExtendWith(SharedKafka.class)
@Timeout(240)
@Execution(ExecutionMode.CONCURRENT)
@Tag("slow")
final class SecretsTest {

  private static final String MARK = "s3cr3tM4rk";
  private static final String JAAS =
      "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\" password=\""
          + MARK
          + "\"";

  /** Secrets that a healthy service may hold, whether it uses them or not. */
  private static final Map<String, String> SECRETS =
      Map.of(
          "basic.auth.credentials.source",
          "USER_INFO",
          "basic.auth.user.info",
          "user:" + MARK,
          "schema.registry.ssl.keystore.password",
          MARK,
          "frames.references.s3.secret.key",
          MARK,
          "streams.sasl.jaas.config",
          JAAS + ";",
          "streams.producer.sasl.jaas.config",
          JAAS + ";",
          "streams.ssl.keystore.password",
          MARK,
          "streams.ssl.key.password",
          MARK,
          "streams.consumer.ssl.truststore.password",
          MARK,
          "streams.admin.ssl.keystore.key",
          MARK);

  @TempDir Path directory;

  @Test
  void aServiceThatRunsKeepsThemAndNamesTheFrameInEachLine(EmbeddedKafka kafka) throws Exception {
    for (String topic : List.of("secret-frames", "secret-masks", "secret-regions", "secret-dead")) {
      kafka.createTopic(topic, 1);
    }
    try (LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start();
        ScriptedServer store = new ScriptedServer().then(404, "")) {
      Map<String, String> settings = new TreeMap<>();
      Path secrets = write(SECRETS);
      SECRETS.keySet().forEach(key -> settings.put(key, "${file:" + secrets + ":" + key + "}"));
      settings.put("frames.references.s3.access.key", "key");
      settings.putAll(
          Map.of(
              "application.id", "secrets",
              "bootstrap.servers", kafka.bootstrapServers(),
              "schema.registry.url", registry.url().toString(),
              "frames.topics", "secret-frames",
              "masks.topic", "secret-masks",
              "regions.topic", "secret-regions",
              "dead.letters.topic", "secret-dead",
              "model.file", Model.SHIPPED,
              "frames.references.s3.endpoint", "http://127.0.0.1:1",
              "frames.references.allowed.prefixes", store.url() + "/frames,s3://bucket"));
      List<String> references =
          List.of(
              store.url() + "/frames/a.jpg?signature=" + MARK,
              store.url() + "/elsewhere/a.jpg?signature=" + MARK,
              "http://user:" + MARK + "@127.0.0.1/frames/a.jpg",
              "s3://bucket/a.jpg");
      for (String reference : references) {
        send(kafka, "north\u001b[2J", frame(registry, reference));
      }
      send(kafka, "south\nforged\u009b", new byte[] {1, 2, 3});
      Path file = write(settings);
      Path output = directory.resolve("output");

      Process service = start(output, Main.class, "run", "--config", file.toString());
      try {
        awaitLetters(file, references.size() + 1);
        // By its handle: the process itself would also close its streams.
        service.toHandle().destroy();
        assertThat(service.waitFor(60, TimeUnit.SECONDS)).isTrue();
      } finally {
        service.destroyForcibly();
      }

      String written = Files.readString(output);
      assertThat(written)
          .contains("No mask: REFERENCE_UNAVAILABLE", "camera=north\\u001b[2J", "frame=frame-1")
          .contains("outcome=secret-frames/0@3", "camera=south\\u000aforged\\u009b")
          .contains("ProducerConfig values", "sasl.jaas.config = [hidden]");
      assertHarmless(written);
      CommandRun list = CommandRun.of("dead-letters", "list", "--config", file);
      assertThat(list.out()).hasLineCount(references.size() + 2);
      assertHarmless(list.out() + list.err());
      CommandRun json = CommandRun.of("dead-letters", "list", "--json", "--config", file);
      assertHarmless(json.out());
      CommandRun ofCamera =
          CommandRun.of(
              "dead-letters", "list", "--config", file, "--camera", "south\nforged\u009b");
      assertThat(ofCamera.out()).as("the unreadable one, by its key").contains("forged");
    }
  }

  @Test
  void aServiceThatCanNotStartKeepsThem() throws Exception {
    Map<String, Map<String, String>> starts = new TreeMap<>();
    starts.put("no cluster", Map.of());
    starts.put("sasl", Map.of("streams.security.protocol", "SASL_PLAINTEXT"));
    starts.put(
        "stores that are missing",
        Map.of(
            "streams.security.protocol", "SASL_SSL",
            "streams.ssl.truststore.location", "/nowhere.jks"));
    starts.put(
        "jaas without its end",
        Map.of("streams.security.protocol", "SASL_PLAINTEXT", "streams.sasl.jaas.config", JAAS));
    starts.put(
        "jaas that is none",
        Map.of("streams.security.protocol", "SASL_PLAINTEXT", "streams.sasl.jaas.config", MARK));
    starts.put(
        "a key that is none",
        Map.of(
            "streams.security.protocol",
            "SSL",
            "streams.ssl.keystore.type",
            "PEM",
            "streams.ssl.keystore.certificate.chain",
            MARK,
            "streams.ssl.keystore.key",
            MARK));
    starts.put("a registry's URL", Map.of("schema.registry.url", "http://u:" + MARK + "@:x"));
    starts.put("no colon", Map.of("basic.auth.user.info", MARK));
    starts.put("two ways in", Map.of("bearer.auth.token", MARK));
    starts.put(
        "a registry's stores",
        Map.of(
            "schema.registry.url", "https://127.0.0.1:1",
            "schema.registry.ssl.truststore.type", "PEM",
            "schema.registry.ssl.truststore.certificates", MARK));
    starts.put(
        "a prefix with a password",
        Map.of("frames.references.allowed.prefixes", "http://u:" + MARK + "@store/"));
    starts.put(
        "a prefix with a query",
        Map.of("frames.references.allowed.prefixes", "http://store/?signature=" + MARK));
    starts.put(
        "an endpoint with a password",
        Map.of("frames.references.s3.endpoint", "http://u:" + MARK + "@store/"));
    starts.put("a key that is not known", Map.of("sasl.jaas.config", MARK));
    starts.put("a pattern that is none", Map.of("frames.topics.pattern", "("));
    String reference = "${file:" + write(Map.of("word", MARK)) + ":word}";
    starts.put("a number by reference", Map.of("batch.max.size", reference));
    starts.put("an address by reference", Map.of("web.listen", reference));
    starts.put("a reference to nothing", Map.of("batch.max.size", reference.replace("word", "x")));
    starts.put("a reference to no file", Map.of("batch.max.size", "${file:/nowhere:word}"));
    List<String> files = new ArrayList<>();
    for (Map<String, String> start : starts.values()) {
      Map<String, String> settings = new HashMap<>(SECRETS);
      settings.put("frames.references.s3.access.key", "key");
      settings.putAll(
          Map.of(
              "application.id", "secrets",
              "bootstrap.servers", "127.0.0.1:1",
              "schema.registry.url", "http://127.0.0.1:1",
              "frames.topics", "frames",
              "model.file", Model.SHIPPED,
              "streams.default.api.timeout.ms", "600",
              "streams.request.timeout.ms", "500"));
      settings.putAll(start);
      files.add(write(settings).toString());
    }
    Path output = directory.resolve("output");

    Process process = start(output, Starts.class, files.toArray(String[]::new));
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();

    String written = Files.readString(output);
    assertThat(written.lines().filter(line -> line.startsWith("exit code ")))
        .hasSize(files.size())
        .allMatch(line -> line.equals("exit code 2"));
    assertHarmless(written);
    assertThat(written).as("of a file that isn't there").doesNotContain("NoSuchFileException");
  }

  /** Starts the service again and again, in one process. */
  static final class Starts {

    private Starts() {}

    public static void main(String[] files) {
      for (String file : files) {
        int exitCode = Main.commandLine().execute("run", "--config", file);
        System.out.println("exit code " + exitCode);
      }
      System.exit(0);
    }
  }

  private static void assertHarmless(String written) {
    assertThat(written).doesNotContain(MARK);
    assertThat(written).doesNotContainPattern("[\\p{Cc}&&[^\t\n]]");
    assertThat(written).doesNotContainPattern("(?m)^forged");
  }

  private Path write(Map<String, String> settings) throws IOException {
    Path file = Files.createTempFile(directory, "atrous", ".properties");
    List<String> lines = new ArrayList<>();
    settings.forEach((key, value) -> lines.add(key + "=" + value));
    return Files.write(file, lines);
  }

  private static Process start(Path output, Class<?> main, String... arguments) throws IOException {
    ProcessBuilder builder =
        ChildJvm.running(
                main,
                List.of(
                    "-Xmx384m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Dai.djl.offline=true",
                    "-Dlogback.configurationFile=logback.xml",
                    "-Datrous.log=DEBUG",
                    "-Datrous.log.kafka=INFO"),
                List.of(arguments))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("OMP_WAIT_POLICY", "passive");
    return builder.start();
  }

  private static void awaitLetters(Path file, int count) throws InterruptedException {
    for (long seen = 0; seen < count; ) {
      CommandRun list = CommandRun.of("dead-letters", "list", "--config", file);
      assertThat(list.exitCode()).as(list.err()).isZero();
      seen = list.out().lines().count() - 1;
    }
  }

  private static byte[] frame(LoopbackSchemaRegistry registry, String uri) {
    FrameEvent event =
        FrameEvent.newBuilder()
            .setFrameId("frame-1")
            .setCameraId("north\u001b[2J")
            .setSequence(1)
            .setCapturedAt(Instant.EPOCH)
            .setEncoding(FrameEncoding.JPEG)
            .setPayload(new FrameReference(uri, 0L, ""))
            .build();
    try (AvroEventSerde<FrameEvent> serde = LoopbackSerdes.serde(FrameEvent.class, registry)) {
      return serde.serializer().serialize("secret-frames", event);
    }
  }

  private static void send(EmbeddedKafka kafka, String key, byte[] value) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = kafka.producer()) {
      producer
          .send(new ProducerRecord<>("secret-frames", key.getBytes(StandardCharsets.UTF_8), value))
          .get();
    }
  }
}
