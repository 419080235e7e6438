package io.atrous.payload;

import java.io.IOException;
import java.time.Duration;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Buckets of S3, or of another server that speaks it, to which payloads are put. */
final class S3Target implements PayloadWriter.Target {

  private final S3Connection connection;
  private final Duration timeout;

  /**
   * @param timeout the time that a write may take
   * @throws IllegalArgumentException in one sentence, if nothing says who asks, or in which region
   */
  S3Target(
      S3Settings settings,
      int threads,
      Duration connectTimeout,
      Duration requestTimeout,
      Duration timeout) {
    this.connection = new S3Connection(settings, threads, connectTimeout, requestTimeout);
    this.timeout = timeout;
  }

  @Override
  public void write(PayloadUri uri, byte[] payload) throws IOException, InterruptedException {
    PutObjectRequest request =
        PutObjectRequest.builder()
            .bucket(uri.authority())
            .key(String.join("/", uri.segments()))
            .contentType("image/jpeg")
            .overrideConfiguration(c -> c.apiCallTimeout(timeout))
            .build();
    try {
      connection.client().putObject(request, RequestBody.fromBytes(payload));
    } catch (AbortedException e) {
      throw new InterruptedException("interrupted while writing to S3");
    } catch (S3Exception e) {
      throw new IOException("%s can't be written (status %d)".formatted(uri, e.statusCode()), e);
    } catch (SdkException e) {
      throw new IOException(
          "%s can't be written (%s)".formatted(uri, e.getClass().getSimpleName()), e);
    }
  }

  @Override
  public void close() {
    connection.close();
  }
}
