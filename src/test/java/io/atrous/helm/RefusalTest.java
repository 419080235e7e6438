package io.atrous.helm;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values that contradict each other end in a sentence. */
final class RefusalTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          config: {application.id: ""} | config has no application.id
          config: {bootstrap.servers: ""} | config has no bootstrap.servers
          config: {schema.registry.url: ""} | config has no schema.registry.url
          config: {frames.topics: ""} | exactly one of frames.topics and frames.topics.pattern
          config: {frames.topics.pattern: "a.*"} | exactly one of frames.topics and frames.topics.pattern
          config: {web.listen: "*:80"} | web.listen is set by the chart: use the value web.port
          config: {model.file: /model} | model.file is set by the chart: use the value model.source
          config: {model.reload: watch} | model.reload is set by the chart
          config: {bearer.auth.token: x} | bearer.auth.token holds a secret
          config: {streams.ssl.keystore.password: x} | streams.ssl.keystore.password holds a secret
          config: {streams.consumer.sasl.jaas.config: x} | streams.consumer.sasl.jaas.config holds a secret
          config: {schema.registry.url: "https://me:word@registry"} | schema.registry.url holds a secret
          config: {streams.consumer.group.instance.id: a} | streams.consumer.group.instance.id would be the same in all pods
          {config: {http.read.timeout.ms: 5}, secretConfig: {http.read.timeout.ms: {name: a, key: b}}} | both in config and in secretConfig
          secretConfig: {application.id: {name: a, key: b}} | application.id, which is no secret
          config: {streams.ssl.truststore.location: /etc/atrous/secrets/tls/store} | the Secret tls, which is not in secretFiles
          config: {streams.sasl.jaas.config: "Login password=${dir:/etc/atrous/secrets/user:word};"} | the Secret user, which is not in secretFiles
          model: {source: configMap, configMap: {name: a}} | needs model.configMap.key
          model: {source: persistentVolumeClaim} | needs model.persistentVolumeClaim.claimName
          model: {source: download, download: {url: "http://a/b"}} | needs model.download.sha256
          model: {persistentVolumeClaim: {claimName: a}} | model.persistentVolumeClaim.claimName is set, but model.source is builtin
          model: {reload: watch} | never changes while the pod runs
          config: {inference.device: "cuda:1"} | inference.device is cuda:1, but gpu.count is 0
          gpu: {runtimeClassName: nvidia} | gpu.runtimeClassName is set, but gpu.count is 0
          {gpu: {count: 2}, config: {inference.device: cpu}} | inference.device is cpu, but gpu.count is 2
          image: {tag: latest} | image.tag is latest
          extraEnv: [{name: ATROUS_MODEL_FILE, value: a}] | extraEnv sets ATROUS_MODEL_FILE
          extraEnv: [{name: JDK_JAVA_OPTIONS, value: a}] | extraEnv sets JDK_JAVA_OPTIONS
          alerts: {enabled: true} | alerts.enabled needs series to look at
          dashboard: {enabled: true} | dashboard.enabled needs series to look at
          ingest: {config: {camera.a.url: "rtsp://a/"}} | ingest.config has cameras, but ingest.enabled is false
          ingest: {enabled: true} | ingest.enabled needs a camera
          ingest: {enabled: true, config: {camera.a.url: "rtsp://me:word@a/"}} | camera.a.url holds a secret
          ingest: {enabled: true, config: {camera.a.url: "${dir:/etc/atrous/secrets/a:b}"}} | the Secret a, which is not in secretFiles
          ingest: {enabled: true, config: {camera.a.url: "rtsp://a/", web.listen: none}} | use the value web.port
          {ingest: {enabled: true, config: {camera.a.url: "rtsp://a/"}}, config: {frames.topics: [a, b]}} | the one topic that the cameras film into
          ingest: {enabled: true, image: {tag: latest}, config: {camera.a.url: "rtsp://a/"}} | ingest.image.tag is latest
          networkPolicy: {egress: [{}]} | networkPolicy.enabled is false
          {replicas: 3, kafka: {partitions: 4}} | replicas (3) x stream.threads (2) is more than kafka.partitions (4)
          {scaling: {type: hpa, maxReplicas: 3}, kafka: {partitions: 4}} | scaling.maxReplicas (3) x stream.threads (2) is more than kafka.partitions (4)
          {scaling: {type: keda, minReplicas: 0}, kafka: {partitions: 4}} | scaling.minReplicas must be at least 1
          {scaling: {type: hpa, minReplicas: 3}, kafka: {partitions: 9}} | scaling.minReplicas (3) is more than scaling.maxReplicas (2)
          scaling: {type: keda} | scaling needs kafka.partitions
          {scaling: {type: keda, keda: {fallbackReplicas: 3}}, kafka: {partitions: 4}} | scaling.keda.fallbackReplicas (3) must lie between
          {scaling: {type: keda}, kafka: {partitions: 4}, config: {frames.topics: "", frames.topics.pattern: a}} | needs scaling.keda.prometheusAddress
          {scaling: {type: keda, keda: {prometheusAddress: "http://a"}}, kafka: {partitions: 4}, config: {frames.topics: "", frames.topics.pattern: a}} | needs atrous_lag_seconds in Prometheus
          {scaling: {type: keda}, kafka: {partitions: 4}, config: {streams.security.protocol: SSL}} | KEDA needs scaling.keda.authentication
          {scaling: {type: hpa}, kafka: {partitions: 4}, gpu: {count: 1}} | With a GPU the use of the CPU says nothing
          {scaling: {type: hpa}, kafka: {partitions: 4}, resources: {requests: {cpu: null}}} | needs resources.requests.cpu
          """)
  void contradictoryValuesAreRefusedWithASentence(String values, String sentence)
      throws IOException {
    Path file = Files.writeString(folder.resolve("values.yaml"), values);

    assertThatThrownBy(() -> Chart.render(Chart.ciFile("minimal"), file))
        .hasMessageContaining(sentence);
  }
}
