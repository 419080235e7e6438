package io.atrous.embedded;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * A broker whose clients sign in and may do only what they have been granted.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class SecuredKafka implements AutoCloseable {

  private static final String ADMINISTRATOR = "administrator";
  private static final String USER = "camera-service";

  /** The user's password. */
  public static final String PASSWORD = USER;

  private static final int SCRAM_ITERATIONS = 4_096;

  private final EmbeddedKafka kafka;
  private final String principal;
  private final Map<String, Object> administrator;
  private final Map<String, Object> user;
  private final Admin admin;

  private SecuredKafka(
      Map<String, String> broker,
      String principal,
      Map<String, Object> administrator,
      Map<String, Object> user)
      throws IOException {
    Map<String, String> overrides =
        new HashMap<>(
            Map.of(
                "inter.broker.listener.name",
                "PLAINTEXT",
                "authorizer.class.name",
                "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "super.users",
                "User:ANONYMOUS;User:%1$s;User:CN=%1$s".formatted(ADMINISTRATOR),
                "group.min.session.timeout.ms",
                "500"));
    overrides.putAll(broker);
    this.kafka = EmbeddedKafka.start(1, overrides);
    this.principal = principal;
    this.administrator = withBrokers(administrator);
    this.user = withBrokers(user);
    this.admin = Admin.create(this.administrator);
  }

  private Map<String, Object> withBrokers(Map<String, Object> settings) {
    Map<String, Object> all = new HashMap<>(settings);
    all.put("bootstrap.servers", kafka.bootstrapServers());
    return Map.copyOf(all);
  }

  /** Starts one whose clients sign in by SASL/PLAIN, over connections that anybody can read. */
  public static SecuredKafka start() throws IOException {
    Map<String, String> broker = new HashMap<>(plainUsers());
    broker.put("listener.security.protocol.map", "PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT");
    broker.put("sasl.enabled.mechanisms", "PLAIN");
    return new SecuredKafka(
        broker,
        "User:" + USER,
        sasl("SASL_PLAINTEXT", "PLAIN", ADMINISTRATOR),
        sasl("SASL_PLAINTEXT", "PLAIN", USER));
  }

  /** Starts one whose clients sign in by SCRAM, over TLS. */
  public static SecuredKafka startWithScram(TestAuthority authority) throws Exception {
    Map<String, String> broker = new HashMap<>(plainUsers());
    broker.put("listener.security.protocol.map", "PLAINTEXT:SASL_SSL,CONTROLLER:PLAINTEXT");
    // Before there are users of SCRAM, somebody has to make them.
    broker.put("sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-512");
    broker.put("listener.name.plaintext.scram-sha-512.sasl.jaas.config", login("SCRAM") + ";");
    tls(authority).forEach((key, value) -> broker.put(key, value.toString()));
    Map<String, Object> administrator = new HashMap<>(sasl("SASL_SSL", "PLAIN", ADMINISTRATOR));
    administrator.putAll(trust(authority));
    Map<String, Object> user = new HashMap<>(sasl("SASL_SSL", "SCRAM-SHA-512", USER));
    user.putAll(trust(authority));
    // Whoever has signed in once is asked again.
    broker.put("connections.max.reauth.ms", "2000");
    SecuredKafka kafka = new SecuredKafka(broker, "User:" + USER, administrator, user);
    kafka.changePassword(PASSWORD);
    return kafka;
  }

  /** Gives the user of SCRAM a password; it was {@link #PASSWORD}. */
  public void changePassword(String password) throws Exception {
    admin
        .alterUserScramCredentials(
            List.of(
                new UserScramCredentialUpsertion(
                    USER,
                    new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, SCRAM_ITERATIONS),
                    password)))
        .all()
        .get();
  }

  /** Starts one whose clients are who their certificates say. */
  public static SecuredKafka startWithMutualTls(TestAuthority authority) throws Exception {
    Map<String, Object> administrator = tls(authority);
    Map<String, String> broker = new HashMap<>();
    administrator.forEach((key, value) -> broker.put(key, value.toString()));
    broker.put("listener.security.protocol.map", "PLAINTEXT:SSL,CONTROLLER:PLAINTEXT");
    broker.put("ssl.client.auth", "required");
    administrator.put("security.protocol", "SSL");
    Map<String, Object> user = new HashMap<>(trust(authority));
    user.put("security.protocol", "SSL");
    user.put("ssl.keystore.type", "PEM");
    user.put("ssl.keystore.location", authority.issue(USER).pem().toString());
    return new SecuredKafka(broker, "User:CN=" + USER, administrator, user);
  }

  private static Map<String, String> plainUsers() {
    String users =
        Stream.of(ADMINISTRATOR, USER)
            .map(user -> "user_%1$s=\"%1$s\"".formatted(user))
            .collect(joining(" "));
    return Map.of(
        "sasl.mechanism.inter.broker.protocol",
        "PLAIN",
        "listener.name.plaintext.plain.sasl.jaas.config",
        login("PLAIN") + credentials(ADMINISTRATOR) + " " + users + ";");
  }

  private static String login(String mechanism) {
    return mechanism.equals("PLAIN")
        ? "org.apache.kafka.common.security.plain.PlainLoginModule required"
        : "org.apache.kafka.common.security.scram.ScramLoginModule required";
  }

  private static String credentials(String user) {
    return " username=\"%1$s\" password=\"%1$s\"".formatted(user);
  }

  private static Map<String, Object> sasl(String protocol, String mechanism, String user) {
    return Map.of(
        "security.protocol",
        protocol,
        "sasl.mechanism",
        mechanism,
        "sasl.jaas.config",
        login(mechanism) + credentials(user) + ";");
  }

  /** The stores of the broker, who is the administrator, too. */
  private static Map<String, Object> tls(TestAuthority authority) throws Exception {
    Map<String, Object> settings = new HashMap<>();
    settings.put("ssl.truststore.type", "PKCS12");
    settings.put("ssl.truststore.location", authority.trustStore().toString());
    settings.put("ssl.truststore.password", TestAuthority.STORE_PASSWORD);
    settings.put("ssl.keystore.type", "PKCS12");
    settings.put("ssl.keystore.location", authority.issue(ADMINISTRATOR).pkcs12().toString());
    settings.put("ssl.keystore.password", TestAuthority.STORE_PASSWORD);
    settings.put("ssl.key.password", TestAuthority.STORE_PASSWORD);
    return settings;
  }

  private static Map<String, Object> trust(TestAuthority authority) throws Exception {
    return Map.of(
        "ssl.truststore.type",
        "PEM",
        "ssl.truststore.location",
        authority.certificate().toString());
  }

  /** The settings of a client that may do what has been granted. */
  public Map<String, Object> user() {
    return user;
  }

  /** The settings of a client that may do everything. */
  public Map<String, Object> administrator() {
    return administrator;
  }

  public void createTopics(Collection<String> names) throws Exception {
    admin
        .createTopics(names.stream().map(name -> new NewTopic(name, 1, (short) 1)).toList())
        .all()
        .get();
  }

  /** Grants the user a right to resources whose names begin with a prefix. */
  public void grant(AclOperation operation, ResourceType type, String prefix) throws Exception {
    grant(operation, new ResourcePattern(type, prefix, PatternType.PREFIXED));
  }

  /** Grants the user a right. */
  public void grant(AclOperation operation, ResourcePattern resources) throws Exception {
    admin.createAcls(Set.of(acl(operation, resources))).all().get();
  }

  /** Takes a right away. */
  public void revoke(AclOperation operation, ResourceType type, String prefix) throws Exception {
    ResourcePattern resources = new ResourcePattern(type, prefix, PatternType.PREFIXED);
    admin.deleteAcls(Set.of(acl(operation, resources).toFilter())).all().get();
  }

  /** Takes every right away. */
  public void revokeAll() throws Exception {
    admin.deleteAcls(List.of(AclBindingFilter.ANY)).all().get();
  }

  private AclBinding acl(AclOperation operation, ResourcePattern resources) {
    return new AclBinding(
        resources, new AccessControlEntry(principal, "*", operation, AclPermissionType.ALLOW));
  }

  @Override
  public void close() throws IOException {
    admin.close();
    kafka.close();
  }
}
