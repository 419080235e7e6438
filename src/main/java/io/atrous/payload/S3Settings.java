package io.atrous.payload;

import java.net.URI;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where S3 is and who asks. What is null is found by the AWS library's ordinary ways: environment,
 * system properties, profile files, the machine's role.
 *
 * @param endpoint another server that speaks S3
 * @param region the region of the buckets; other servers than AWS mostly ignore it
 * @param pathStyle ask for {@code endpoint/bucket/key} instead of {@code bucket.endpoint/key}
 * @param accessKey the access key's id
 * @param secretKey the access key's secret
 */
public record S3Settings(
    @Nullable URI endpoint,
    @Nullable String region,
    boolean pathStyle,
    @Nullable String accessKey,
    @Nullable String secretKey) {

  public S3Settings {
    if ((accessKey == null) != (secretKey == null)) {
      throw new IllegalArgumentException("an S3 access key and its secret go together");
    }
  }

  /**
   * Reads an endpoint.
   *
   * @throws IllegalArgumentException in one sentence that doesn't repeat it, if it is none
   */
  public static URI parseEndpoint(String text) {
    URI uri;
    try {
      uri = URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the endpoint is no URL");
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    boolean web = scheme.equals("http") || scheme.equals("https");
    if (!web
        || uri.getHost() == null
        || uri.getRawUserInfo() != null
        || uri.getRawQuery() != null
        || uri.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "the endpoint must be like https://host:port, without user-info and query");
    }
    return uri;
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "S3Settings[endpoint=%s, region=%s, pathStyle=%s]"
        .formatted(endpoint, region, pathStyle);
  }
}
