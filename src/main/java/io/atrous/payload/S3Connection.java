package io.atrous.payload;

import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/**
 * A client of S3, or of another server that speaks it. The library's own retries are off, and
 * redirects to other regions aren't followed.
 *
 * <p><b>Threading:</b> thread-safe. Owns the client and its credentials.
 */
final class S3Connection implements AutoCloseable {

  /** Servers that don't look at the region still want requests signed for one. */
  private static final Region ANY_REGION = Region.US_EAST_1;

  private final AwsCredentialsProvider credentials;
  private final S3Client client;

  /**
   * @param threads the number of concurrent requests
   * @throws IllegalArgumentException in one sentence, if nothing says who asks, or in which region
   */
  S3Connection(S3Settings settings, int threads, Duration connectTimeout, Duration requestTimeout) {
    this.credentials = credentials(settings);
    try {
      credentials.resolveCredentials();
    } catch (SdkException e) {
      throw new IllegalArgumentException(
          "there are no credentials for S3, neither here nor in the AWS library's environment", e);
    }
    try {
      this.client = client(settings, credentials, threads, connectTimeout, requestTimeout);
    } catch (SdkException e) {
      throw new IllegalArgumentException(
          "there is no region for S3, neither here nor in the AWS library's environment", e);
    }
  }

  private static AwsCredentialsProvider credentials(S3Settings settings) {
    return settings.accessKey() == null || settings.secretKey() == null
        ? DefaultCredentialsProvider.builder().build()
        : StaticCredentialsProvider.create(
            AwsBasicCredentials.create(settings.accessKey(), settings.secretKey()));
  }

  private static S3Client client(
      S3Settings settings,
      AwsCredentialsProvider credentials,
      int threads,
      Duration connectTimeout,
      Duration requestTimeout) {
    S3ClientBuilder builder =
        S3Client.builder()
            .httpClientBuilder(
                Apache5HttpClient.builder()
                    .maxConnections(threads)
                    .connectionTimeout(connectTimeout)
                    .socketTimeout(requestTimeout))
            .credentialsProvider(credentials)
            .forcePathStyle(settings.pathStyle())
            // Not every server knows the newer checksums; references carry one of their own.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .overrideConfiguration(c -> c.retryStrategy(AwsRetryStrategy.doNotRetry()));
    if (settings.endpoint() != null) {
      builder.endpointOverride(settings.endpoint());
    }
    if (settings.region() != null) {
      builder.region(Region.of(settings.region()));
    } else if (settings.endpoint() != null) {
      builder.region(ANY_REGION);
    }
    return builder.build();
  }

  S3Client client() {
    return client;
  }

  @Override
  public void close() {
    client.close();
    if (credentials instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        throw new IllegalStateException("credentials can't be closed", e);
      }
    }
  }
}
