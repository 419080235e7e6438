package io.atrous.embedded;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A certificate authority that issues certificates of this machine, as files that Kafka's clients
 * and brokers take.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class TestAuthority {

  /** The password of all stores. */
  public static final String STORE_PASSWORD = "word-of-stores";

  private final Path directory;
  private final X509Bundle root;
  private int issued;

  /**
   * A certificate with its key.
   *
   * @param pkcs12 a store with {@link #STORE_PASSWORD}
   * @param pem the key and the certificate
   */
  public record Identity(Path pkcs12, Path pem) {

    /** What a server needs to be it. */
    public SSLContext tls() throws Exception {
      KeyStore store = KeyStore.getInstance(pkcs12.toFile(), STORE_PASSWORD.toCharArray());
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, STORE_PASSWORD.toCharArray());
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    }
  }

  /**
   * Makes an authority that nobody trusts yet.
   *
   * @param directory where its files come to lie
   */
  public TestAuthority(Path directory) throws Exception {
    this.directory = directory;
    this.root =
        new CertificateBuilder()
            .subject("CN=Test authority")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
  }

  /** The authority's own certificate, for those who are to trust it. */
  public Path certificate() throws Exception {
    return Files.writeString(newFile(".pem"), root.getRootCertificatePEM());
  }

  /** The same as a store with {@link #STORE_PASSWORD}. */
  public Path trustStore() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("authority", root.getCertificate());
    return write(store);
  }

  /** Issues a certificate for this machine's loopback interface. */
  public Identity issue(String commonName) throws Exception {
    return issue(commonName, new CertificateBuilder().addSanIpAddress("127.0.0.1"));
  }

  /** Issues a certificate that was valid until yesterday. */
  public Identity issueExpired(String commonName) throws Exception {
    Instant yesterday = Instant.now().minus(1, ChronoUnit.DAYS);
    return issue(
        commonName,
        new CertificateBuilder()
            .addSanIpAddress("127.0.0.1")
            .notBefore(yesterday.minus(30, ChronoUnit.DAYS))
            .notAfter(yesterday));
  }

  /** Issues a certificate for another machine. */
  public Identity issueForAnotherHost(String commonName) throws Exception {
    return issue(commonName, new CertificateBuilder().addSanDnsName("elsewhere.example"));
  }

  private Identity issue(String commonName, CertificateBuilder builder) throws Exception {
    X509Bundle bundle = builder.subject("CN=" + commonName).buildIssuedBy(root);
    return new Identity(
        write(bundle.toKeyStore(STORE_PASSWORD.toCharArray())),
        Files.writeString(
            newFile(".pem"), bundle.getPrivateKeyPEM() + "\n" + bundle.getCertificatePathPEM()));
  }

  private Path write(KeyStore store) throws Exception {
    Path file = newFile(".p12");
    try (OutputStream out = Files.newOutputStream(file)) {
      store.store(out, STORE_PASSWORD.toCharArray());
    }
    return file;
  }

  private Path newFile(String ending) {
    return directory.resolve("certificate-" + issued++ + ending);
  }
}
