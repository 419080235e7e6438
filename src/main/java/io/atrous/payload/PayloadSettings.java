package io.atrous.payload;

import java.time.Duration;
import java.util.List;

/**
 * From where, and for how long, payloads are fetched.
 *
 * @param allowed the prefixes that references may point into; empty refuses them all
 * @param maxBytes the largest payload
 * @param threadsPerPrefix the number of payloads of one prefix that are fetched at once
 * @param timeout the time that a fetch may take from its reference's arrival: waiting for a thread,
 *     every try, and the pauses between them
 * @param requestTimeout the time that one try may take
 * @param connectTimeout the time that connecting may take
 * @param s3 for prefixes of buckets
 */
public record PayloadSettings(
    List<AllowedPrefix> allowed,
    int maxBytes,
    int threadsPerPrefix,
    Duration timeout,
    Duration requestTimeout,
    Duration connectTimeout,
    S3Settings s3) {

  public PayloadSettings {
    allowed = List.copyOf(allowed);
    if (maxBytes < 1 || maxBytes == Integer.MAX_VALUE) {
      throw new IllegalArgumentException("the largest payload can't be " + maxBytes + " bytes");
    }
    if (threadsPerPrefix < 1) {
      throw new IllegalArgumentException("fetching needs a thread");
    }
    if (connectTimeout.isNegative()
        || connectTimeout.isZero()
        || connectTimeout.compareTo(requestTimeout) > 0
        || requestTimeout.compareTo(timeout) > 0) {
      throw new IllegalArgumentException(
          "connecting (%d ms) can't take longer than one request (%d ms), nor that longer than all tries together (%d ms)"
              .formatted(connectTimeout.toMillis(), requestTimeout.toMillis(), timeout.toMillis()));
    }
  }
}
