package io.atrous.payload;

import io.atrous.model.Sha256;
import java.io.IOException;
import java.util.HexFormat;

/**
 * Puts payloads where claim checks refer to: below a folder, or into a bucket.
 *
 * <p><b>Threading:</b> thread-safe; each write blocks its caller.
 */
public final class PayloadWriter implements AutoCloseable {

  private final AllowedPrefix prefix;
  private final Target target;

  /** What takes payloads. */
  interface Target extends AutoCloseable {

    /**
     * Writes a payload, which is there whole or not at all.
     *
     * @throws IOException in words that hold no secret
     */
    void write(PayloadUri uri, byte[] payload) throws IOException, InterruptedException;

    @Override
    default void close() {}
  }

  private PayloadWriter(AllowedPrefix prefix, Target target) {
    this.prefix = prefix;
    this.target = target;
  }

  /**
   * Opens a place.
   *
   * @param settings how S3 is reached, and for how long
   * @throws IllegalArgumentException in one sentence, if nothing can be put there, or nothing says
   *     by whom
   */
  public static PayloadWriter open(AllowedPrefix prefix, PayloadSettings settings) {
    Target target =
        switch (prefix.uri().scheme()) {
          case FILE -> new FileTarget();
          case S3 ->
              new S3Target(
                  settings.s3(),
                  settings.threadsPerPrefix(),
                  settings.connectTimeout(),
                  settings.requestTimeout(),
                  settings.timeout());
          case HTTP, HTTPS ->
              throw new IllegalArgumentException(
                  "frames can be put to file:/// and s3://, not to " + prefix);
        };
    return new PayloadWriter(prefix, target);
  }

  /**
   * Writes a payload.
   *
   * @param name the path under the prefix, of letters, digits, {@code -_./}
   * @return the claim check
   * @throws IOException in one sentence, if it can't be written
   */
  public PayloadReference write(String name, byte[] payload)
      throws IOException, InterruptedException {
    String base = prefix.uri().toUri().toString();
    PayloadUri uri = PayloadUri.parse(base + (base.endsWith("/") ? "" : "/") + name);
    target.write(uri, payload);
    return new PayloadReference(
        uri.toUri().toString(),
        payload.length,
        HexFormat.of().formatHex(Sha256.digest().digest(payload)));
  }

  @Override
  public void close() {
    target.close();
  }
}
