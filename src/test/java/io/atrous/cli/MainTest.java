package io.atrous.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.LoopbackSchemaRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Whatever is wrong with the input: one sentence, exit code 2, no stack trace. */
@Tag("slow")
final class MainTest {

  private static final String NOWHERE = "127.0.0.1:1";

  private static EmbeddedKafka kafka;
  private static LoopbackSchemaRegistry registry;

  @TempDir Path directory;

  @BeforeAll
  static void startTheWorld() throws IOException {
    kafka = EmbeddedKafka.start();
    registry = LoopbackSchemaRegistry.start();
    for (String topic : List.of("frames", "masks", "regions", "dead-letters")) {
      kafka.createTopic(topic, 1);
    }
  }

  @AfterAll
  static void stopTheWorld() throws IOException {
    registry.close();
    kafka.close();
  }

  @Test
  void aMissingModelFileIsNamed() {
    assertThat(run("model.file=nowhere.safetensors"))
        .isEqualTo("atrous: There is no model file nowhere.safetensors");
  }

  @Test
  void aDamagedModelFileIsNamed() throws IOException {
    byte[] damaged = new byte[100];
    damaged[Long.BYTES] = '{';
    Path file = Files.write(directory.resolve("m.safetensors"), damaged);

    assertThat(run("model.file=" + file)).startsWith("atrous: Model file " + file + " is damaged");
  }

  @Test
  void aFileThatIsNoModelIsNamed() throws IOException {
    Path file = Files.write(directory.resolve("m.pth"), new byte[100]);

    assertThat(run("model.file=" + file))
        .startsWith("atrous: File " + file + " is neither a model nor a TorchScript file");
  }

  @Test
  void aModelFileThatNoFileCanBeCalledIsNamed() {
    assertThat(run("model.file=a\0b"))
        .startsWith("atrous: 'a\\u0000b' can't be a file's name in the encoding of this locale");
  }

  @Test
  void classesThatTheModelDoesNotKnowAreNamedWithThoseItKnows() {
    assertThat(run("regions.ignored.classes=road,dragon"))
        .contains("'regions.ignored.classes'")
        .contains("no class 'dragon'")
        .contains("vehicle");
  }

  @Test
  void missingTopicsAreNamedWithTheirKeys() {
    assertThat(run("frames.topics=frames,other", "regions.topic=elsewhere"))
        .contains("no topic 'other' ('frames.topics'), 'elsewhere' ('regions.topic')");
  }

  @Test
  void aClusterThatDoesNotAnswerIsNamed() {
    assertThat(
            run(
                "bootstrap.servers=" + NOWHERE,
                "streams.admin.request.timeout.ms=400",
                "streams.admin.default.api.timeout.ms=500"))
        .contains("No Kafka cluster answers at 'bootstrap.servers' = " + NOWHERE);
  }

  @Test
  void aGroupOfAnotherConsumerIsNamed() {
    try (KafkaConsumer<byte[], byte[]> stranger =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers(), "group.id", "taken"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      stranger.subscribe(List.of("frames"));
      while (stranger.assignment().isEmpty()) {
        stranger.poll(Duration.ofMillis(100));
      }

      assertThat(run("application.id=taken"))
          .startsWith("atrous: The consumer group 'application.id' = taken is of another kind");
    }
  }

  @Test
  void aRegistryThatDoesNotAnswerIsNamed() {
    assertThat(run("schema.registry.url=http://" + NOWHERE, "max.retries=0"))
        .contains("The schema registry at 'schema.registry.url' can't be used")
        .contains(NOWHERE);
  }

  @Test
  void anImpossibleDeviceIsNamed() {
    assertThat(run("inference.device=tpu")).contains("'inference.device'").contains("tpu");
  }

  @Test
  void anUnknownKeyIsNamedWithTheNearestOne() {
    assertThat(run("mask.topic=x")).contains("'mask.topic'; did you mean 'masks.topic'?");
  }

  @Test
  void aConfigurationFileThatIsMissingIsNamed() {
    assertThat(execute("run", "--config", directory.resolve("none").toString()))
        .contains("none: there is no such file");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--cameras=0",
        "--rate=0",
        "--seconds=-1",
        "--guarantee=maybe",
        "--images=no-such-folder",
        "--report=no-such-folder/report.json",
        "--colour=red",
      })
  void aDemoSaysWhatIsWrongWithItsArguments(String argument) {
    assertThat(execute("demo", argument)).contains(argument.substring(0, argument.indexOf('=')));
  }

  private String run(String... settings) {
    List<String> arguments = new ArrayList<>(List.of("run"));
    for (String setting :
        List.of(
            "application.id=main-test",
            "bootstrap.servers=" + kafka.bootstrapServers(),
            "schema.registry.url=" + registry.url(),
            "frames.topics=frames",
            "model.file=builtin:street")) {
      arguments.add("--set=" + setting);
    }
    for (String setting : settings) {
      arguments.removeIf(given -> given.startsWith("--set=" + setting.split("=", 2)[0] + "="));
      arguments.add("--set=" + setting);
    }
    String message = execute(arguments.toArray(String[]::new));
    assertThat(message.lines()).as("one sentence").hasSize(1);
    return message;
  }

  private static String execute(String... arguments) {
    StringWriter err = new StringWriter();
    CommandLine command = Main.commandLine().setErr(new PrintWriter(err));

    int exitCode = command.execute(arguments);

    assertThat(exitCode).as("exit code, with: %s", err).isEqualTo(Main.BAD_INPUT);
    assertThat(err.toString()).doesNotContain("\tat ");
    return err.toString().strip();
  }
}
