package io.atrous.event;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The schemas that a schema refers to, and those that they refer to, each fetched once by its
 * subject and version. How deep they lie, how many they are and how long they are together is
 * bounded.
 *
 * <p><b>Threading:</b> confined to one thread, for one schema.
 */
final class ReferencedSchemas {

  static final int MAX_DEPTH = 20;
  static final int MAX_SCHEMAS = 100;
  static final int MAX_CHARS = RegistryTransport.MAX_RESPONSE_BYTES;

  /** Asks the registry for a version of a subject. */
  interface Versions {

    /**
     * Returns the registry's answer.
     *
     * @throws InvalidEventException if the registry has no such version
     */
    RegistryAnswer find(Reference reference);
  }

  /**
   * A schema of the registry, as another one names it.
   *
   * @param subject with its context, unless that is the default one
   * @param version from 1, or -1 for the latest
   */
  record Reference(String subject, int version) {

    private static final String CONTEXT = ":.";
    private static final int LATEST = -1;

    /** Reads one of an answer's references. */
    static Reference of(JsonNode node, String referrer) {
      String subject = node.path("subject").asText("");
      JsonNode version = node.path("version");
      if (subject.isEmpty() || !version.isInt() || !isVersion(version.intValue())) {
        throw new InvalidEventException(
            "Its schema in the registry has a reference without subject or version");
      }
      return new Reference(qualified(subject, referrer), version.intValue());
    }

    private static boolean isVersion(int number) {
      return number >= 1 || number == LATEST;
    }

    /** The subject in the context of the one that refers to it, unless it names its own. */
    private static String qualified(String subject, String referrer) {
      if (subject.startsWith(CONTEXT) || !referrer.startsWith(CONTEXT)) {
        return subject;
      }
      return referrer.substring(0, referrer.indexOf(':', CONTEXT.length()) + 1) + subject;
    }

    String versionName() {
      return version == LATEST ? "latest" : String.valueOf(version);
    }
  }

  private final Versions versions;
  private final Set<Reference> seen = new HashSet<>();
  private final List<String> texts = new ArrayList<>();
  private long chars;

  private ReferencedSchemas(Versions versions) {
    this.versions = versions;
  }

  /**
   * Fetches what an answer's schema needs.
   *
   * @return the texts of schemas, each behind those that it refers to, unless they refer to each
   *     other
   * @throws InvalidEventException if one is missing or isn't Avro, or they are beyond the bounds
   */
  static List<String> of(RegistryAnswer answer, Versions versions) {
    ReferencedSchemas schemas = new ReferencedSchemas(versions);
    schemas.collect(answer, answer.subject(), 1);
    return schemas.texts;
  }

  private void collect(RegistryAnswer answer, String subject, int depth) {
    for (JsonNode node : answer.references()) {
      Reference reference = Reference.of(node, subject);
      if (seen.add(reference)) {
        if (depth > MAX_DEPTH) {
          throw tooMuch("more than %d deep", MAX_DEPTH);
        }
        if (seen.size() > MAX_SCHEMAS) {
          throw tooMuch("to more than %d schemas", MAX_SCHEMAS);
        }
        RegistryAnswer referenced = versions.find(reference);
        String text = referenced.text();
        chars += text.length();
        if (chars > MAX_CHARS) {
          throw tooMuch("to more than %d characters", MAX_CHARS);
        }
        collect(referenced, reference.subject(), depth + 1);
        texts.add(text);
      }
    }
  }

  private static InvalidEventException tooMuch(String what, int bound) {
    return new InvalidEventException("Its schema in the registry refers " + what.formatted(bound));
  }
}
