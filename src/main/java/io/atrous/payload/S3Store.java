package io.atrous.payload;

import java.io.IOException;
import java.time.Duration;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Buckets of S3, or of another server that speaks it. */
final class S3Store implements PayloadStore {

  private final S3Connection connection;

  /**
   * @param threads the number of concurrent reads
   * @throws IllegalArgumentException in one sentence, if nothing says who asks, or in which region
   */
  S3Store(S3Settings settings, int threads, Duration connectTimeout, Duration requestTimeout) {
    this.connection = new S3Connection(settings, threads, connectTimeout, requestTimeout);
  }

  @Override
  public byte[] read(PayloadUri uri, int maxBytes, Duration timeout)
      throws StoreException, InterruptedException {
    GetObjectRequest request =
        GetObjectRequest.builder()
            .bucket(uri.authority())
            .key(String.join("/", uri.segments()))
            .overrideConfiguration(c -> c.apiCallTimeout(timeout))
            .build();
    ResponseTransformer<GetObjectResponse, byte[]> upToLimit =
        (response, body) -> read(body, maxBytes);
    try {
      return connection.client().getObject(request, upToLimit);
    } catch (S3Exception e) {
      throw StoreException.ofStatus(e.statusCode());
    } catch (ApiCallTimeoutException e) {
      throw StoreException.late();
    } catch (AbortedException e) {
      throw new InterruptedException("interrupted while reading from S3");
    } catch (SdkException e) {
      throw StoreException.ofConnection(e);
    }
  }

  private static byte[] read(AbortableInputStream body, int maxBytes) throws IOException {
    byte[] bytes = body.readNBytes(maxBytes);
    if (bytes.length == maxBytes) {
      // There may be more: closing would read on for the sake of the connection.
      body.abort();
    }
    return bytes;
  }

  @Override
  public void close() {
    connection.close();
  }
}
