package io.atrous.embedded;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * A broker whose clients sign in, by SASL/PLAIN, and may do only what they have been granted.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class SecuredKafka implements AutoCloseable {

  private static final String ADMINISTRATOR = "administrator";
  private static final String USER = "camera-service";

  private final EmbeddedKafka kafka;
  private final Admin admin;

  private SecuredKafka(EmbeddedKafka kafka) {
    this.kafka = kafka;
    this.admin = Admin.create(settings(ADMINISTRATOR));
  }

  public static SecuredKafka start() throws IOException {
    String users =
        Stream.of(ADMINISTRATOR, USER)
            .map(user -> "user_%1$s=\"%1$s\"".formatted(user))
            .collect(joining(" "));
    return new SecuredKafka(
        EmbeddedKafka.start(
            1,
            Map.of(
                "listener.security.protocol.map",
                "PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
                "inter.broker.listener.name",
                "PLAINTEXT",
                "sasl.enabled.mechanisms",
                "PLAIN",
                "sasl.mechanism.inter.broker.protocol",
                "PLAIN",
                "listener.name.plaintext.plain.sasl.jaas.config",
                login(ADMINISTRATOR).replace(";", " " + users + ";"),
                "authorizer.class.name",
                "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "super.users",
                "User:ANONYMOUS;User:" + ADMINISTRATOR,
                "group.min.session.timeout.ms",
                "500")));
  }

  private static String login(String user) {
    return "org.apache.kafka.common.security.plain.PlainLoginModule required"
        + " username=\"%1$s\" password=\"%1$s\";".formatted(user);
  }

  private Map<String, Object> settings(String user) {
    return Map.of(
        "bootstrap.servers",
        kafka.bootstrapServers(),
        "security.protocol",
        "SASL_PLAINTEXT",
        "sasl.mechanism",
        "PLAIN",
        "sasl.jaas.config",
        login(user));
  }

  /** The settings of a client that may do what has been granted. */
  public Map<String, Object> user() {
    return settings(USER);
  }

  /** The settings of a client that may do everything. */
  public Map<String, Object> administrator() {
    return settings(ADMINISTRATOR);
  }

  public void createTopics(Collection<String> names) throws Exception {
    admin
        .createTopics(names.stream().map(name -> new NewTopic(name, 1, (short) 1)).toList())
        .all()
        .get();
  }

  /** Grants the user a right to resources whose names begin with a prefix. */
  public void grant(AclOperation operation, ResourceType type, String prefix) throws Exception {
    admin.createAcls(Set.of(acl(operation, type, prefix))).all().get();
  }

  /** Takes a right away. */
  public void revoke(AclOperation operation, ResourceType type, String prefix) throws Exception {
    admin.deleteAcls(Set.of(acl(operation, type, prefix).toFilter())).all().get();
  }

  /** Takes every right away. */
  public void revokeAll() throws Exception {
    admin.deleteAcls(List.of(AclBindingFilter.ANY)).all().get();
  }

  private static AclBinding acl(AclOperation operation, ResourceType type, String prefix) {
    return new AclBinding(
        new ResourcePattern(type, prefix, PatternType.PREFIXED),
        new AccessControlEntry("User:" + USER, "*", operation, AclPermissionType.ALLOW));
  }

  @Override
  public void close() throws IOException {
    admin.close();
    kafka.close();
  }
}
