package io.atrous.demo;

import static java.util.stream.Collectors.joining;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * A real single-node Kafka (KRaft) in a child JVM, on the loopback interface, with temporary data
 * and bounded retention.
 *
 * <p><b>Threading:</b> confined to one thread. Owns the child process and the data directory until
 * {@link #close}; if this JVM dies first, the child sees its standard input end, deletes the data
 * and exits.
 */
public final class EmbeddedKafka implements AutoCloseable {

  /** The largest record the broker takes: a large photograph or a raw 1080p frame fits. */
  public static final int MESSAGE_MAX_BYTES = 16 << 20;

  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  private static final long POLL_INTERVAL_MILLIS = 10;
  private static final int PORT_ATTEMPTS = 5;
  private static final int LOG_LINES_SHOWN = 15;

  private final Path directory;
  private final Path log;
  private final Map<String, String> overrides;
  private int clientPort;
  private int controllerPort;
  private @Nullable Process process;

  private EmbeddedKafka(Path directory, Map<String, String> overrides) {
    this.directory = directory;
    this.log = directory.resolve("broker.log");
    this.overrides = overrides;
  }

  /** Starts a broker and returns once it serves clients. */
  public static EmbeddedKafka start() throws IOException {
    return start(Map.of());
  }

  /**
   * Starts a broker and returns once it serves clients.
   *
   * @param overrides broker properties that replace this class's own
   * @throws IOException in one sentence with the end of the broker's log, if it doesn't start
   */
  public static EmbeddedKafka start(Map<String, String> overrides) throws IOException {
    return start(overrides, Path.of(System.getProperty("java.io.tmpdir")));
  }

  static EmbeddedKafka start(Map<String, String> overrides, Path temporary) throws IOException {
    EmbeddedKafka kafka =
        new EmbeddedKafka(
            Files.createTempDirectory(temporary, "atrous-kafka-"), Map.copyOf(overrides));
    boolean started = false;
    try {
      for (int attempt = 1; !started; attempt++) {
        kafka.clientPort = freePort();
        kafka.controllerPort = freePort();
        try {
          kafka.launch();
          started = true;
        } catch (PortTakenException taken) {
          if (attempt == PORT_ATTEMPTS) {
            throw taken;
          }
        }
      }
      return kafka;
    } finally {
      if (!started) {
        kafka.close();
      }
    }
  }

  /** The value for clients' {@code bootstrap.servers}. */
  public String bootstrapServers() {
    return "127.0.0.1:" + clientPort;
  }

  /** Creates topics and returns once every partition can be written to. */
  public void createTopics(Collection<NewTopic> topics) {
    Map<TopicPartition, OffsetSpec> partitions = new HashMap<>();
    for (NewTopic topic : topics) {
      for (int partition = 0; partition < topic.numPartitions(); partition++) {
        partitions.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
      }
    }
    try (Admin admin =
        Admin.create(
            Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, (Object) bootstrapServers()))) {
      admin.createTopics(topics).all().get();
      // A partition that tells its end has its log open; until then sends would meet a cold broker.
      while (!tellTheirEnds(admin, partitions)) {
        Thread.sleep(POLL_INTERVAL_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while creating topics", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "The embedded broker can't create the topics "
              + topics.stream().map(NewTopic::name).collect(joining(", "))
              + ": "
              + e.getCause(),
          e.getCause());
    }
  }

  private static boolean tellTheirEnds(Admin admin, Map<TopicPartition, OffsetSpec> partitions)
      throws ExecutionException, InterruptedException {
    try {
      admin.listOffsets(partitions).all().get();
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return false;
      }
      throw e;
    }
  }

  /** Creates one topic and returns once every partition can be written to. */
  public void createTopic(String name, int partitions) {
    createTopics(List.of(new NewTopic(name, partitions, (short) 1)));
  }

  /** Kills the broker as a power cut would; its data stays for {@link #restart}. */
  public void kill() {
    Process running = process;
    if (running != null) {
      process = null;
      end(running);
    }
  }

  /** Starts a killed broker again, on the same data and the same ports. */
  public void restart() throws IOException {
    if (process != null) {
      throw new IllegalStateException("The embedded broker is still running");
    }
    launch();
  }

  /** Stops the broker and deletes its data. */
  @Override
  public void close() throws IOException {
    Process running = process;
    if (running != null) {
      process = null;
      try (OutputStream input = running.getOutputStream()) {
        input.flush();
      } catch (IOException alreadyGone) {
        // Closing its input was to end it.
      }
      boolean ended = false;
      try {
        ended = running.waitFor(5, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      if (!ended) {
        end(running);
      }
    }
    TemporaryDirectory.delete(directory);
  }

  /** The running child, if it runs. */
  @Nullable ProcessHandle child() {
    return process == null ? null : process.toHandle();
  }

  private void launch() throws IOException {
    Path settings = directory.resolve("server.properties");
    Properties properties = new Properties();
    properties.putAll(properties());
    properties.putAll(overrides);
    try (OutputStream file = Files.newOutputStream(settings)) {
      properties.store(file, null);
    }
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-Datrous.log=WARN",
            "-Datrous.log.kafka=WARN",
            EmbeddedBroker.class.getName(),
            settings.toString(),
            directory.toString());
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    Process child = builder.redirectError(log.toFile()).start();
    boolean ready = false;
    try {
      ready = EmbeddedBroker.READY.equals(firstLine(child));
    } finally {
      if (!ready) {
        end(child);
      }
    }
    if (!ready) {
      throw failure("The embedded Kafka broker did not start");
    }
    process = child;
  }

  /** Null if the child ended without a word. */
  private @Nullable String firstLine(Process child) throws IOException {
    BufferedReader output = child.inputReader(StandardCharsets.UTF_8);
    CompletableFuture<@Nullable String> line =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return output.readLine();
              } catch (IOException e) {
                return null;
              }
            },
            task -> daemon(task).start());
    try {
      return line.get(START_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw failure(
          "The embedded Kafka broker was not ready after " + START_TIMEOUT.toSeconds() + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while starting the embedded Kafka broker", e);
    } catch (ExecutionException e) {
      throw new IOException("The embedded Kafka broker can't be heard", e.getCause());
    }
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "embedded-kafka-start");
    thread.setDaemon(true);
    return thread;
  }

  private IOException failure(String sentence) throws IOException {
    List<String> lines = Files.readAllLines(log);
    String end =
        String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size()));
    String message = sentence + "; its log ends:\n" + end;
    return lines.stream().anyMatch(line -> line.contains("BindException"))
        ? new PortTakenException(message)
        : new IOException(message);
  }

  private static void end(Process child) {
    child.destroyForcibly();
    boolean interrupted = false;
    while (child.isAlive()) {
      try {
        child.waitFor();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private Map<String, String> properties() {
    Map<String, String> properties = new HashMap<>();
    properties.put("node.id", "1");
    properties.put("process.roles", "broker,controller");
    properties.put(
        "listeners",
        "PLAINTEXT://127.0.0.1:" + clientPort + ",CONTROLLER://127.0.0.1:" + controllerPort);
    properties.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + clientPort);
    properties.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    properties.put("controller.listener.names", "CONTROLLER");
    properties.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
    properties.put("log.dir", directory.resolve("data").toString());
    // After a kill the controller refuses the broker until the old session has run out.
    properties.put("broker.session.timeout.ms", "3000");
    properties.put("broker.heartbeat.interval.ms", "500");
    properties.put("auto.create.topics.enable", "false");
    properties.put("group.initial.rebalance.delay.ms", "0");
    for (String internal :
        List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
      properties.put(internal + ".replication.factor", "1");
      properties.put(internal + ".num.partitions", "1");
    }
    properties.put("transaction.state.log.min.isr", "1");
    properties.put("share.coordinator.state.topic.min.isr", "1");
    // A crashed producer's open transaction hides later records until the broker notices.
    properties.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "500");
    properties.put("message.max.bytes", Integer.toString(MESSAGE_MAX_BYTES));
    properties.put("replica.fetch.max.bytes", Integer.toString(MESSAGE_MAX_BYTES));
    properties.put("log.segment.bytes", Integer.toString(32 << 20));
    // By size alone: age counts from the records' own timestamps, which may be of any time.
    properties.put("log.retention.bytes", Integer.toString(128 << 20));
    properties.put("log.retention.ms", "-1");
    properties.put("log.retention.check.interval.ms", "10000");
    properties.put("log.cleaner.threads", "1");
    properties.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20));
    return properties;
  }

  /**
   * A port that is free now, below the range from which systems take the ports of outgoing
   * connections: a client that retries a dead broker's port could otherwise connect to itself.
   */
  private static int freePort() throws IOException {
    for (int attempt = 0; ; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
      try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return probe.getLocalPort();
      } catch (IOException taken) {
        if (attempt == 100) {
          throw taken;
        }
      }
    }
  }

  /** Another process took the port between the probe and the start. */
  private static final class PortTakenException extends IOException {
    PortTakenException(String message) {
      super(message);
    }
  }
}
