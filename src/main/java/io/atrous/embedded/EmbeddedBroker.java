package io.atrous.embedded;

import io.atrous.process.ParentProcess;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * The child process of {@link EmbeddedKafka}: a Kafka broker and KRaft controller in one JVM.
 *
 * <p>It answers {@value #READY} once clients are served, and lives until its standard input ends,
 * so it can't outlive its parent, however that dies. A terminal's Ctrl-C goes to the whole process
 * group; the broker ignores it, because the parent has yet to drain.
 */
final class EmbeddedBroker {

  static final String READY = "ready";

  private EmbeddedBroker() {}

  /**
   * Runs the broker.
   *
   * @param arguments the broker's properties file, the directory to delete at the end, and the id
   *     of the cluster that new data is for
   */
  public static void main(String[] arguments) throws Exception {
    for (String signal : List.of("INT", "TERM", "HUP")) {
      ignore(signal);
    }
    ParentProcess parent = ParentProcess.connect(Path.of(arguments[1]));
    try {
      Properties properties = new Properties();
      try (InputStream file = Files.newInputStream(Path.of(arguments[0]))) {
        properties.load(file);
      }
      format(properties, arguments[2]);
      new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM).startup();
    } catch (Throwable failure) {
      failure.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
    parent.answer(request -> READY);
  }

  private static void format(Properties properties, String clusterId) throws Exception {
    String directory = properties.getProperty("log.dir");
    if (Files.exists(Path.of(directory, MetaPropertiesEnsemble.META_PROPERTIES_NAME))) {
      return;
    }
    new Formatter()
        .setPrintStream(System.err)
        .setClusterId(clusterId)
        .setNodeId(Integer.parseInt(properties.getProperty("node.id")))
        .setReleaseVersion(MetadataVersion.latestProduction())
        .setControllerListenerName(properties.getProperty("controller.listener.names"))
        .setMetadataLogDirectory(directory)
        .addDirectory(directory)
        .run();
  }

  /** By reflection: the compiler warns of sun.misc, and nothing else can ignore a signal. */
  private static void ignore(String name) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      signal
          .getMethod("handle", signal, handler)
          .invoke(
              null,
              signal.getConstructor(String.class).newInstance(name),
              handler.getField("SIG_IGN").get(null));
    } catch (ReflectiveOperationException e) {
      System.err.println("Signal " + name + " can't be ignored on this platform");
    }
  }
}
