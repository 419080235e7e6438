package io.atrous.embedded;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * A real Kafka (KRaft) on the loopback interface: one broker or several, each in a child JVM, with
 * temporary data and bounded retention. Several hold a copy of every partition each, as far as
 * three go, so that one may die.
 *
 * <p><b>Threading:</b> confined to one thread. Owns the child processes and their data until {@link
 * #close}; they end with this JVM, however that ends.
 */
public final class EmbeddedKafka implements AutoCloseable {

  /** The largest record the broker takes: a large photograph or a raw 1080p frame fits. */
  public static final int MESSAGE_MAX_BYTES = 16 << 20;

  private static final String LOOPBACK = "127.0.0.1";
  private static final int MAX_REPLICATION_FACTOR = 3;
  private static final long POLL_INTERVAL_MILLIS = 10;
  private static final int PORT_ATTEMPTS = 5;

  private record Ports(int client, int controller) {}

  private final List<BrokerProcess> brokers = new ArrayList<>();
  private final List<Ports> ports = new ArrayList<>();
  private final Map<String, String> overrides;
  private final String clusterId = Uuid.randomUuid().toString();

  private EmbeddedKafka(Map<String, String> overrides) {
    this.overrides = overrides;
  }

  /** Starts one broker and returns once it serves clients. */
  public static EmbeddedKafka start() throws IOException {
    return start(1, Map.of());
  }

  /**
   * Starts brokers and returns once they serve clients.
   *
   * @param overrides broker properties that replace this class's own
   * @throws IOException in one sentence with the end of a broker's log, if it doesn't start
   */
  public static EmbeddedKafka start(int brokers, Map<String, String> overrides) throws IOException {
    return start(brokers, overrides, Map.of());
  }

  /**
   * As {@link #start(int, Map)}, with some brokers' data elsewhere.
   *
   * @param data where brokers, from 0, keep it; stays the caller's
   */
  public static EmbeddedKafka start(
      int brokers, Map<String, String> overrides, Map<Integer, Path> data) throws IOException {
    return start(brokers, overrides, data, Path.of(System.getProperty("java.io.tmpdir")));
  }

  static EmbeddedKafka start(
      int brokers, Map<String, String> overrides, Map<Integer, Path> data, Path temporary)
      throws IOException {
    EmbeddedKafka kafka = new EmbeddedKafka(Map.copyOf(overrides));
    boolean started = false;
    try {
      for (int broker = 0; broker < brokers; broker++) {
        Path directory = Files.createTempDirectory(temporary, "atrous-kafka-");
        Path elsewhere = data.getOrDefault(broker, directory);
        kafka.brokers.add(new BrokerProcess(directory, elsewhere.resolve("data")));
      }
      for (int attempt = 1; !started; attempt++) {
        try {
          kafka.launchAll();
          started = true;
        } catch (BrokerProcess.PortTakenException taken) {
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

  /** None is ready before most are there. */
  private void launchAll() throws IOException {
    ports.clear();
    for (BrokerProcess broker : brokers) {
      broker.kill();
      ports.add(new Ports(freePort(), freePort()));
    }
    for (int broker = 0; broker < brokers.size(); broker++) {
      launch(broker);
    }
    for (BrokerProcess broker : brokers) {
      broker.awaitReady();
    }
  }

  /** A producer that holds nothing back, of records as large as the brokers take; to be closed. */
  public KafkaProducer<byte[], byte[]> producer() {
    return new KafkaProducer<>(
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers(),
            ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
            MESSAGE_MAX_BYTES,
            ProducerConfig.LINGER_MS_CONFIG,
            0),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  private void launch(int broker) throws IOException {
    Map<String, String> properties = properties(broker);
    properties.putAll(overrides);
    brokers.get(broker).launch(properties, clusterId);
  }

  /** The value for clients' {@code bootstrap.servers}. */
  public String bootstrapServers() {
    return ports.stream().map(port -> LOOPBACK + ":" + port.client()).collect(joining(","));
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
    createTopics(List.of(new NewTopic(name, partitions, (short) replicationFactor())));
  }

  /** How many brokers there are. */
  public int brokers() {
    return brokers.size();
  }

  /**
   * Whether a broker runs; false if it has been killed, or has ended by itself.
   *
   * @param broker from 0
   */
  public boolean isRunning(int broker) {
    ProcessHandle child = child(broker);
    return child != null && child.isAlive();
  }

  /**
   * Kills a broker as a power cut would; its data stays for {@link #restart}.
   *
   * @param broker from 0
   */
  public void kill(int broker) {
    brokers.get(broker).kill();
  }

  /**
   * Starts a killed broker again, on the same data and the same ports, and returns once it serves
   * clients.
   *
   * @param broker from 0
   */
  public void restart(int broker) throws IOException {
    launch(broker);
    brokers.get(broker).awaitReady();
  }

  /** Stops the brokers and deletes their data. */
  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (BrokerProcess broker : brokers) {
      try {
        broker.close();
      } catch (IOException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Processor time that a broker has used; zero if it does not run or the system does not say. */
  public Duration processorTime(int broker) {
    ProcessHandle running = child(broker);
    return running == null
        ? Duration.ZERO
        : running.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** The running child of a broker, if it runs. */
  @Nullable ProcessHandle child(int broker) {
    return brokers.get(broker).child();
  }

  private int replicationFactor() {
    return Math.min(MAX_REPLICATION_FACTOR, brokers.size());
  }

  private Map<String, String> properties(int broker) {
    int clientPort = ports.get(broker).client();
    int controllerPort = ports.get(broker).controller();
    Map<String, String> properties = new HashMap<>();
    properties.put("node.id", String.valueOf(broker + 1));
    properties.put("process.roles", "broker,controller");
    properties.put(
        "listeners",
        "PLAINTEXT://%1$s:%2$d,CONTROLLER://%1$s:%3$d"
            .formatted(LOOPBACK, clientPort, controllerPort));
    properties.put("advertised.listeners", "PLAINTEXT://" + LOOPBACK + ":" + clientPort);
    properties.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    properties.put("controller.listener.names", "CONTROLLER");
    properties.put(
        "controller.quorum.voters",
        IntStream.range(0, ports.size())
            .mapToObj(voter -> (voter + 1) + "@" + LOOPBACK + ":" + ports.get(voter).controller())
            .collect(joining(",")));
    properties.put("log.dir", brokers.get(broker).dataDirectory().toString());
    // After a kill the controller refuses the broker until the old session has run out.
    properties.put("broker.session.timeout.ms", "3000");
    properties.put("broker.heartbeat.interval.ms", "500");
    properties.put("auto.create.topics.enable", "false");
    properties.put("group.initial.rebalance.delay.ms", "0");
    for (String internal :
        List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
      properties.put(internal + ".replication.factor", String.valueOf(replicationFactor()));
      properties.put(internal + ".num.partitions", "1");
    }
    // One copy may be missing, if there are others.
    String copies = String.valueOf(Math.max(1, replicationFactor() - 1));
    properties.put("min.insync.replicas", copies);
    properties.put("transaction.state.log.min.isr", copies);
    properties.put("share.coordinator.state.topic.min.isr", copies);
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
}
