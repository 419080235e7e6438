package io.atrous.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.marcnuri.helm.LintResult;
import io.atrous.settings.CameraSettings;
import io.atrous.settings.IngestConfig;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ChartTest {

  static List<Path> ciFiles() throws IOException {
    return Chart.ciFiles();
  }

  @Test
  void helmFindsNothingToBlame() {
    LintResult result = Chart.lint();

    assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("ciFiles")
  void eachFeatureRendersObjectsThatKubernetesKnowsAndThatFitTogether(Path values)
      throws IOException {
    Manifests manifests = Chart.render(values);
    List<Deployment> deployments = manifests.of(Deployment.class);
    Map<String, String> selected = deployments.get(0).getSpec().getSelector().getMatchLabels();

    assertThat(manifests.all())
        .extracting(object -> object.getMetadata().getNamespace())
        .containsOnly(Chart.NAMESPACE);
    assertThat(deployments)
        .allSatisfy(
            deployment -> {
              assertThat(deployment.getSpec().getTemplate().getMetadata().getLabels())
                  .containsAllEntriesOf(deployment.getSpec().getSelector().getMatchLabels());
              assertThat(mountsWithoutVolume(deployment)).isEmpty();
            });
    manifests
        .of(PodDisruptionBudget.class)
        .forEach(
            budget ->
                assertThat(budget.getSpec().getSelector().getMatchLabels()).isEqualTo(selected));
    manifests
        .of(Service.class)
        .forEach(service -> assertThat(service.getSpec().getSelector()).isEqualTo(selected));
  }

  private static Set<String> mountsWithoutVolume(Deployment deployment) {
    PodSpec pod = pod(deployment);
    Set<String> mounted =
        pod.getContainers().stream()
            .flatMap(container -> container.getVolumeMounts().stream())
            .map(VolumeMount::getName)
            .collect(Collectors.toSet());
    pod.getVolumes().stream().map(Volume::getName).forEach(mounted::remove);
    return mounted;
  }

  @ParameterizedTest
  @MethodSource("ciFiles")
  void eachPodIsHardened(Path values) throws IOException {
    Chart.render(values)
        .of(Deployment.class)
        .forEach(deployment -> assertHardened(pod(deployment)));
  }

  private static void assertHardened(PodSpec pod) {
    assertThat(pod.getAutomountServiceAccountToken()).isFalse();
    assertThat(pod.getEnableServiceLinks()).isFalse();
    assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(pod.getSecurityContext().getRunAsUser()).isEqualTo(10_001);
    assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
    for (Container container : containers(pod)) {
      assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
      assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
      assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
      assertThat(container.getImage()).doesNotEndWith(":latest").containsPattern(":[^/:]+$");
    }
  }

  private static List<Container> containers(PodSpec pod) {
    return Stream.concat(pod.getInitContainers().stream(), pod.getContainers().stream()).toList();
  }

  @Test
  void aMisspeltFieldFails() {
    assertThatThrownBy(
            () ->
                Manifests.parse(
                    """
                    apiVersion: apps/v1
                    kind: Deployment
                    metadata: {name: a}
                    spec:
                      template:
                        spec:
                          containers:
                            - name: a
                              readynessProbe: {}
                    """))
        .isInstanceOf(UnrecognizedPropertyException.class)
        .hasMessageContaining("readynessProbe");
    assertThatThrownBy(
            () ->
                Manifests.parse(
                    """
                    apiVersion: keda.sh/v1alpha1
                    kind: ScaledObject
                    metadata: {name: a}
                    spec:
                      minReplicas: 1
                    """))
        .hasMessageContaining("minReplicas");
  }

  @Test
  void theServiceReadsTheSettingsAsTheyWereMeant() throws IOException {
    Properties settings = settings(Chart.render(Chart.ciFile("settings")));

    assertThat(settings)
        .containsEntry("frames.max.bytes", "16777216")
        .containsEntry("frames.latest.only", "true")
        .containsEntry("regions.min.area.fraction", "0.0002")
        .containsEntry("regions.ignored.classes", "sky,road")
        .containsEntry("streams.client.id", "cameras\\north")
        .containsEntry("web.listen", "*:9404")
        .containsEntry("model.file", "builtin:street")
        .containsEntry("model.reload", "none");
  }

  private static Properties settings(Manifests manifests) throws IOException {
    Properties properties = new Properties();
    properties.load(
        new StringReader(
            Objects.requireNonNull(
                manifests.one(ConfigMap.class).getData().get("atrous.properties"))));
    return properties;
  }

  @Test
  void aChangeOfTheSettingsReplacesThePods() throws IOException {
    assertThat(checksum(Chart.ciFile("settings"))).isNotEqualTo(checksum(Chart.ciFile("minimal")));
  }

  private static String checksum(Path values) throws IOException {
    return Objects.requireNonNull(
        Chart.render(values)
            .one(Deployment.class)
            .getSpec()
            .getTemplate()
            .getMetadata()
            .getAnnotations()
            .get("checksum/config"));
  }

  @Test
  void thePodIsKilledOnlyAfterTheServiceGaveUp() throws IOException {
    assertThat(termination("minimal")).isEqualTo(12 + 10);
    assertThat(termination("settings")).isEqualTo(31 + 10);
  }

  private static long termination(String feature) throws IOException {
    return pod(Chart.render(Chart.ciFile(feature)).one(Deployment.class))
        .getTerminationGracePeriodSeconds();
  }

  @Test
  void theDefaultsThatTheChartKnowsAreThoseOfTheService() throws IOException {
    String helpers = Files.readString(Chart.FOLDER.resolve("templates/_helpers.tpl"));
    Map<String, String> defaults = new HashMap<>();
    ServiceKeys.read().forEach(key -> defaults.put(key.name(), key.defaultValue()));

    for (String key : List.of("stream.threads", "shutdown.timeout.ms", "batch.max.size")) {
      assertThat(helpers).contains("\"%s\" %s".formatted(key, defaults.get(key)));
    }
  }

  @Test
  void probesAskWhatTheServiceAnswersAndTheStartMayTakeLong() throws IOException {
    Container container = service(Chart.render(Chart.ciFile("minimal")).one(Deployment.class));

    assertThat(container.getStartupProbe().getHttpGet().getPath()).isEqualTo("/health/started");
    assertThat(container.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/health/ready");
    assertThat(container.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/health/live");
    assertThat(
            container.getStartupProbe().getPeriodSeconds()
                * container.getStartupProbe().getFailureThreshold())
        .isEqualTo(600);
  }

  @Test
  void anUpdateNeedsNoSpareGpu() throws IOException {
    Deployment deployment = Chart.render(Chart.ciFile("gpu")).one(Deployment.class);

    assertThat(deployment.getSpec().getStrategy().getRollingUpdate().getMaxSurge())
        .isEqualTo(new IntOrString(0));
    assertThat(deployment.getSpec().getStrategy().getRollingUpdate().getMaxUnavailable())
        .isEqualTo(new IntOrString(1));
    assertThat(pod(deployment).getRuntimeClassName()).isEqualTo("nvidia");
    assertThat(service(deployment).getResources().getLimits())
        .containsEntry("nvidia.com/gpu", new Quantity("1"))
        .containsEntry("memory", new Quantity("3Gi"));
    assertThat(service(deployment).getImage()).endsWith("-cu121");
  }

  @Test
  void secretsAreVariablesOrMountedFilesAndInNoConfigMap() throws IOException {
    Manifests manifests = Chart.render(Chart.ciFile("security"));
    Container container = service(manifests.one(Deployment.class));

    assertThat(container.getEnv())
        .filteredOn(variable -> variable.getValueFrom() != null)
        .extracting(
            EnvVar::getName,
            variable -> variable.getValueFrom().getSecretKeyRef().getName(),
            variable -> variable.getValueFrom().getSecretKeyRef().getKey())
        .containsExactlyInAnyOrder(
            tuple("ATROUS_STREAMS_SASL_JAAS_CONFIG", "kafka-user", "jaas"),
            tuple("ATROUS_STREAMS_SSL_TRUSTSTORE_PASSWORD", "kafka-tls", "password"),
            tuple("ATROUS_BASIC_AUTH_USER_INFO", "registry-user", "user-info"));
    assertThat(container.getVolumeMounts())
        .extracting(VolumeMount::getMountPath)
        .contains("/etc/atrous/secrets/kafka-tls");
    assertThat(settings(manifests).stringPropertyNames())
        .doesNotContain("streams.sasl.jaas.config", "basic.auth.user.info");
  }

  @Test
  void camerasAreTakenInByOnePodThatNothingOfTheServiceSelects() throws IOException {
    Manifests manifests = Chart.render(Chart.ciFile("ingest"));
    Deployment ingest = manifests.of(Deployment.class).get(1);
    Container container = pod(ingest).getContainers().get(0);

    assertThat(ingest.getMetadata().getName()).isEqualTo("cams-ingest");
    assertThat(ingest.getSpec().getReplicas()).isEqualTo(1);
    assertThat(ingest.getSpec().getStrategy().getType()).isEqualTo("Recreate");
    assertThat(ingest.getSpec().getTemplate().getMetadata().getLabels())
        .containsEntry("app.kubernetes.io/name", "atrous-ingest");
    assertThat(container.getImage()).startsWith("atrous-ingest:");
    assertThat(container.getVolumeMounts())
        .extracting(VolumeMount::getMountPath)
        .contains("/etc/atrous/secrets/cameras");
    assertThat(manifests.of(PodMonitor.class)).hasSize(2);
  }

  @Test
  void camerasAreReadAsTheyWereMeant() throws IOException {
    String list =
        Chart.render(Chart.ciFile("ingest")).of(ConfigMap.class).stream()
            .flatMap(map -> map.getData().entrySet().stream())
            .filter(file -> file.getKey().equals("cameras.properties"))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElseThrow();
    Properties properties = new Properties();
    // The secret is only in the pod.
    properties.load(new StringReader(list.replaceAll("[$][{][^}]*[}]", "word")));
    Map<String, String> settings = new HashMap<>();
    properties.forEach((key, value) -> settings.put(key.toString(), value.toString()));

    assertThat(IngestConfig.of(settings).cameras())
        .extracting(CameraSettings::name, CameraSettings::framesPerSecond)
        .containsExactly(tuple("gate", 5.0), tuple("yard", null));
  }

  @Test
  void aModelIsWatchedWhereItMayChange() throws IOException {
    assertThat(settings(Chart.render(Chart.ciFile("model-volume"))))
        .containsEntry("model.file", "/var/lib/atrous/model/street/current.safetensors")
        .containsEntry("model.reload", "watch");
    assertThat(settings(Chart.render(Chart.ciFile("model-configmap"))))
        .containsEntry("model.file", "/var/lib/atrous/model/street.safetensors")
        .containsEntry("model.reload", "watch");
    assertThat(settings(Chart.render(Chart.ciFile("model-download"))))
        .containsEntry("model.file", "/var/lib/atrous/model/street-7.safetensors")
        .containsEntry("model.reload", "none");
  }

  @Test
  void kedaLooksAtEachTopicFromWhereTheServiceStarts() throws IOException {
    Manifests manifests = Chart.render(Chart.ciFile("keda-topics"));
    ScaledObject.Spec scaling = Objects.requireNonNull(manifests.one(ScaledObject.class).getSpec());

    assertThat(manifests.one(Deployment.class).getSpec().getReplicas()).isNull();
    assertThat(scaling.triggers())
        .extracting(ScaledObject.Trigger::type, trigger -> trigger.metadata().get("topic"))
        .containsExactly(tuple("kafka", "frames-north"), tuple("kafka", "frames-south"));
    assertThat(scaling.triggers())
        .allSatisfy(
            trigger ->
                assertThat(trigger.metadata())
                    .containsEntry("offsetResetPolicy", "earliest")
                    .containsEntry("consumerGroup", "cameras"));
    assertThat(scaling.fallback().replicas()).isEqualTo(3);
    assertThat(
            scaling
                .advanced()
                .horizontalPodAutoscalerConfig()
                .behavior()
                .getScaleDown()
                .getStabilizationWindowSeconds())
        .isEqualTo(900);
  }

  @Test
  void kedaTakesTheServicesOwnLagWhereTopicsHaveAPattern() throws IOException {
    ScaledObject.Spec scaling =
        Objects.requireNonNull(
            Chart.render(Chart.ciFile("keda-pattern")).one(ScaledObject.class).getSpec());

    assertThat(scaling.triggers())
        .singleElement()
        .satisfies(
            trigger -> {
              assertThat(trigger.type()).isEqualTo("prometheus");
              assertThat(trigger.metadata().get("query"))
                  .isEqualTo("max(atrous_lag_seconds{namespace=\"vision\",job=\"cams\"})");
            });
  }

  @Test
  void anAutoscalerTakesTheCpuOrMetricsThatWereGiven() throws IOException {
    assertThat(metricTypes("hpa")).containsExactly("Resource");
    assertThat(metricTypes("hpa-gpu")).containsExactly("External");
  }

  private static List<String> metricTypes(String feature) throws IOException {
    return Chart.render(Chart.ciFile(feature))
        .one(HorizontalPodAutoscaler.class)
        .getSpec()
        .getMetrics()
        .stream()
        .map(metric -> metric.getType())
        .toList();
  }

  @Test
  void onlyScrapersComeIn() throws IOException {
    NetworkPolicy policy = Chart.render(Chart.ciFile("network-policy")).one(NetworkPolicy.class);

    assertThat(policy.getSpec().getPolicyTypes()).containsExactly("Ingress", "Egress");
    assertThat(policy.getSpec().getIngress()).hasSize(1);
    assertThat(policy.getSpec().getEgress()).hasSize(2);
  }

  @Test
  void whatIsNotAskedForIsNotMade() throws IOException {
    assertThat(Chart.render(Chart.ciFile("minimal")).all())
        .extracting(HasMetadata::getKind)
        .containsExactlyInAnyOrder(
            "ConfigMap", "Deployment", "PodDisruptionBudget", "ServiceAccount");
    assertThat(Chart.render(Chart.ciFile("minimal")).one(ServiceAccount.class))
        .extracting(ServiceAccount::getAutomountServiceAccountToken)
        .isEqualTo(false);
  }

  @Test
  void aServiceMonitorHasItsService() throws IOException {
    Manifests manifests = Chart.render(Chart.ciFile("monitoring"));

    assertThat(manifests.one(ServiceMonitor.class).getSpec().getSelector().getMatchLabels())
        .satisfies(
            labels ->
                assertThat(manifests.one(Service.class).getMetadata().getLabels())
                    .containsAllEntriesOf(labels));
  }

  private static PodSpec pod(Deployment deployment) {
    return deployment.getSpec().getTemplate().getSpec();
  }

  private static Container service(Deployment deployment) {
    return pod(deployment).getContainers().get(0);
  }
}
