package io.atrous.helm;

import static java.util.Map.entry;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Manifests, read strictly: a field that its kind doesn't have fails, and so does a field that
 * stands twice.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param all the objects in their order
 */
record Manifests(List<HasMetadata> all) {

  private static final Map<String, Class<? extends HasMetadata>> KINDS =
      Map.ofEntries(
          entry("v1 ConfigMap", ConfigMap.class),
          entry("v1 Service", Service.class),
          entry("v1 ServiceAccount", ServiceAccount.class),
          entry("apps/v1 Deployment", Deployment.class),
          entry("autoscaling/v2 HorizontalPodAutoscaler", HorizontalPodAutoscaler.class),
          entry("keda.sh/v1alpha1 ScaledObject", ScaledObject.class),
          entry("monitoring.coreos.com/v1 PodMonitor", PodMonitor.class),
          entry("monitoring.coreos.com/v1 PrometheusRule", PrometheusRule.class),
          entry("monitoring.coreos.com/v1 ServiceMonitor", ServiceMonitor.class),
          entry("networking.k8s.io/v1 NetworkPolicy", NetworkPolicy.class),
          entry("policy/v1 PodDisruptionBudget", PodDisruptionBudget.class));

  private static final YAMLMapper MAPPER =
      YAMLMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .annotationIntrospector(new WithoutOtherProperties())
          .build();

  /** The types take what they don't know; here nothing is unknown. */
  private static final class WithoutOtherProperties extends JacksonAnnotationIntrospector {

    private static final long serialVersionUID = 1;

    @Override
    public Boolean hasAnySetter(Annotated annotated) {
      return false;
    }
  }

  /**
   * Reads a stream of YAML documents.
   *
   * @throws IOException if a document isn't what its kind says
   */
  static Manifests parse(String yaml) throws IOException {
    List<HasMetadata> all = new ArrayList<>();
    try (var documents = MAPPER.readerFor(JsonNode.class).<JsonNode>readValues(yaml)) {
      while (documents.hasNext()) {
        JsonNode document = documents.next();
        if (document.isObject()) {
          String kind = document.path("apiVersion").asText() + " " + document.path("kind").asText();
          Class<? extends HasMetadata> type =
              Objects.requireNonNull(KINDS.get(kind), () -> "no type for " + kind);
          all.add(MAPPER.treeToValue(document, type));
        }
      }
    }
    return new Manifests(List.copyOf(all));
  }

  /** The objects of a kind. */
  <T extends HasMetadata> List<T> of(Class<T> type) {
    return all.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** The one object of a kind. */
  <T extends HasMetadata> T one(Class<T> type) {
    List<T> found = of(type);
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " objects are a " + type.getSimpleName());
    }
    return found.get(0);
  }
}
