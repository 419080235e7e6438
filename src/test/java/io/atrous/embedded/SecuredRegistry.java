package io.atrous.embedded;

import com.sun.net.httpserver.BasicAuthenticator;
import java.io.IOException;
import java.util.Map;

/**
 * A schema registry that speaks TLS, and only with those who know its user.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class SecuredRegistry implements AutoCloseable {

  private static final String USER = "registrar";

  /** The user's password. */
  public static final String PASSWORD = "word-of-registrar";

  private final LoopbackSchemaRegistry registry;
  private final TestAuthority authority;

  private SecuredRegistry(LoopbackSchemaRegistry registry, TestAuthority authority) {
    this.registry = registry;
    this.authority = authority;
  }

  public static SecuredRegistry start(TestAuthority authority) throws Exception {
    return start(authority, authority.issue("registry"));
  }

  public static SecuredRegistry start(TestAuthority authority, TestAuthority.Identity identity)
      throws Exception {
    BasicAuthenticator users =
        new BasicAuthenticator("registry") {
          @Override
          public boolean checkCredentials(String user, String password) {
            return user.equals(USER) && password.equals(PASSWORD);
          }
        };
    return new SecuredRegistry(LoopbackSchemaRegistry.start(identity.tls(), users), authority);
  }

  /** The settings of a client that may use it. */
  public Map<String, String> client() throws Exception {
    return Map.of(
        "schema.registry.url",
        registry.url().toString(),
        "schema.registry.ssl.truststore.type",
        "PEM",
        "schema.registry.ssl.truststore.location",
        authority.certificate().toString(),
        "basic.auth.credentials.source",
        "USER_INFO",
        "basic.auth.user.info",
        USER + ":" + PASSWORD);
  }

  @Override
  public void close() throws IOException {
    registry.close();
  }
}
