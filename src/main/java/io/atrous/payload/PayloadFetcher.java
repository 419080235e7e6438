package io.atrous.payload;

import io.atrous.frame.FrameRejectedException;
import io.atrous.frame.FrameRejectedException.Reason;
import io.atrous.model.Sha256;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.apache.kafka.common.utils.ExponentialBackoff;

/**
 * Fetches payloads from the allowed prefixes, on threads of its own: each prefix has as many, so
 * that a store that is slow or gone delays only the frames that lie there.
 *
 * <p>Every fetch ends within its time-out, whatever the store does. What may pass (refused and
 * broken connections, time-outs, status 408, 429 and 5xx) is tried again until then. How many wait
 * is bounded by whoever bounds the frames in flight.
 *
 * <p><b>Threading:</b> thread-safe. Owns its threads and stores.
 */
public final class PayloadFetcher implements PayloadResolver, AutoCloseable {

  private static final long FIRST_PAUSE_MILLIS = 50;
  private static final long LONGEST_PAUSE_MILLIS = 500;
  private static final double PAUSE_JITTER = 0.2;
  private static final long IDLE_THREAD_SECONDS = 30;

  /** For the fetch to say itself why it is late; after that it is answered without it. */
  private static final Duration GRACE = Duration.ofMillis(100);

  private static final Pattern SHA256 = Pattern.compile("[0-9a-fA-F]{64}");

  private final PayloadSettings settings;
  private final String prefixesKey;
  private final LongSupplier nanoTime;
  private final List<Place> places = new ArrayList<>();
  private final Map<PayloadUri.Scheme, PayloadStore> sharedStores =
      new EnumMap<>(PayloadUri.Scheme.class);
  private final ExponentialBackoff backoff =
      new ExponentialBackoff(FIRST_PAUSE_MILLIS, 2, LONGEST_PAUSE_MILLIS, PAUSE_JITTER);
  private final CountDownLatch closed = new CountDownLatch(1);

  /** An allowed prefix, and what serves it. */
  private record Place(AllowedPrefix prefix, PayloadStore store, ThreadPoolExecutor threads) {}

  /**
   * @param prefixesKey the configuration key of the prefixes, for messages
   * @param nanoTime the clock of time-outs
   * @throws IllegalArgumentException in one sentence, if S3 is to be used and nothing says by whom
   */
  public PayloadFetcher(PayloadSettings settings, String prefixesKey, LongSupplier nanoTime) {
    this.settings = settings;
    this.prefixesKey = prefixesKey;
    this.nanoTime = nanoTime;
    for (AllowedPrefix prefix : settings.allowed()) {
      places.add(new Place(prefix, store(prefix), threads(places.size())));
    }
  }

  private PayloadStore store(AllowedPrefix prefix) {
    return switch (prefix.uri().scheme()) {
      case FILE -> new FileStore(prefix);
      case HTTP, HTTPS ->
          sharedStores.computeIfAbsent(
              PayloadUri.Scheme.HTTP, scheme -> new HttpStore(settings.connectTimeout(), nanoTime));
      case S3 ->
          sharedStores.computeIfAbsent(
              PayloadUri.Scheme.S3,
              scheme ->
                  new S3Store(
                      settings.s3(),
                      settings.threadsPerPrefix() * settings.allowed().size(),
                      settings.connectTimeout(),
                      settings.requestTimeout()));
    };
  }

  private ThreadPoolExecutor threads(int place) {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            settings.threadsPerPrefix(),
            settings.threadsPerPrefix(),
            IDLE_THREAD_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              Thread thread = new Thread(work, "payload-fetcher-" + place);
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  @Override
  public CompletableFuture<ByteBuffer> resolve(PayloadReference reference) {
    try {
      return fetch(reference);
    } catch (FrameRejectedException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletableFuture<ByteBuffer> fetch(PayloadReference reference)
      throws FrameRejectedException {
    if (places.isEmpty()) {
      throw unavailable(
          "the payload is a reference, and none is followed: list the prefixes that may be fetched"
              + " from in '"
              + prefixesKey
              + "'");
    }
    PayloadUri uri = uri(reference);
    Place place =
        places.stream()
            .filter(candidate -> candidate.prefix().covers(uri))
            .findFirst()
            .orElseThrow(
                () ->
                    unavailable(
                        uri + " is not fetched: it lies under none of '" + prefixesKey + "'"));
    checkClaims(reference, uri);
    Fetch fetch = new Fetch(place.store(), uri, reference);
    try {
      place.threads().execute(fetch);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedFuture(e);
    }
    return fetch.inTime();
  }

  private static PayloadUri uri(PayloadReference reference) throws FrameRejectedException {
    try {
      return PayloadUri.parse(reference.uri());
    } catch (IllegalArgumentException e) {
      throw unavailable("the reference's URI " + e.getMessage());
    }
  }

  private void checkClaims(PayloadReference reference, PayloadUri uri)
      throws FrameRejectedException {
    if (reference.sizeBytes() > settings.maxBytes()) {
      throw new FrameRejectedException(
          Reason.TOO_LARGE,
          "%s has %d bytes; the limit is %d"
              .formatted(uri, reference.sizeBytes(), settings.maxBytes()));
    }
    if (!reference.sha256().isEmpty() && !SHA256.matcher(reference.sha256()).matches()) {
      throw new FrameRejectedException(
          Reason.REFERENCE_MISMATCH,
          "the reference's sha256 is not 64 hexadecimal digits, so nothing can match it");
    }
  }

  private static FrameRejectedException unavailable(String message) {
    return new FrameRejectedException(Reason.REFERENCE_UNAVAILABLE, message);
  }

  /** Ends fetches between two tries; what waits is not fetched. */
  @Override
  public void close() {
    closed.countDown();
    places.forEach(place -> place.threads().shutdownNow());
    sharedStores.values().forEach(PayloadStore::close);
  }

  /** One payload's way. */
  private final class Fetch implements Runnable {

    private final PayloadStore store;
    private final PayloadUri uri;
    private final PayloadReference reference;
    private final long deadlineNanos = nanoTime.getAsLong() + settings.timeout().toNanos();
    private final CompletableFuture<ByteBuffer> payload = new CompletableFuture<>();

    Fetch(PayloadStore store, PayloadUri uri, PayloadReference reference) {
      this.store = store;
      this.uri = uri;
      this.reference = reference;
    }

    /** The payload, in time even if the store never comes back. */
    @SuppressWarnings("FutureReturnValueIgnored") // Each of the two only ends the other.
    CompletableFuture<ByteBuffer> inTime() {
      CompletableFuture<Void> timer =
          new CompletableFuture<Void>()
              .orTimeout(settings.timeout().plus(GRACE).toMillis(), TimeUnit.MILLISECONDS);
      timer.whenComplete(
          (done, late) -> {
            if (late != null) {
              payload.completeExceptionally(tooLate());
            }
          });
      payload.whenComplete((bytes, failure) -> timer.complete(null));
      return payload;
    }

    @Override
    public void run() {
      if (payload.isDone()) {
        return;
      }
      try {
        payload.complete(ByteBuffer.wrap(checked(read())));
      } catch (FrameRejectedException | RuntimeException | Error e) {
        payload.completeExceptionally(e);
      } catch (InterruptedException e) {
        payload.completeExceptionally(closing());
      }
    }

    private byte[] read() throws FrameRejectedException, InterruptedException {
      if (leftMillis() <= 0) {
        throw tooLate();
      }
      for (int tries = 1; ; tries++) {
        StoreException failure;
        try {
          return readOnce();
        } catch (StoreException e) {
          failure = e;
        }
        if (!failure.isPassing()) {
          throw unavailable(uri + " can't be fetched: " + failure.getMessage());
        }
        long pauseMillis = backoff.backoff(tries - 1);
        boolean timeIsUp = pauseMillis >= leftMillis();
        if (!timeIsUp && closed.await(pauseMillis, TimeUnit.MILLISECONDS)) {
          throw closing();
        }
        if (timeIsUp || leftMillis() <= 0) {
          throw unavailable(
              "%s can't be fetched: %s, at the last of %d tries in %d ms"
                  .formatted(uri, failure.getMessage(), tries, settings.timeout().toMillis()));
        }
      }
    }

    private byte[] readOnce() throws StoreException, InterruptedException {
      // A moment may have passed since somebody looked; libraries take no time-out of nothing.
      long leftMillis = Math.max(1, leftMillis());
      try {
        return store.read(
            uri,
            largestBytes() + 1,
            Duration.ofMillis(Math.min(leftMillis, settings.requestTimeout().toMillis())));
      } catch (RuntimeException e) {
        // A URI that a library chokes on is no reason to stop the service.
        throw StoreException.lasting(
            "the store's client failed (" + e.getClass().getSimpleName() + ")");
      }
    }

    private byte[] checked(byte[] bytes) throws FrameRejectedException {
      boolean more = bytes.length > largestBytes();
      if (reference.sizeBytes() >= 1 && bytes.length != reference.sizeBytes()) {
        throw new FrameRejectedException(
            Reason.REFERENCE_MISMATCH,
            "%s has %s bytes; its reference says %d"
                .formatted(uri, more ? "more" : bytes.length, reference.sizeBytes()));
      }
      if (more) {
        throw new FrameRejectedException(
            Reason.TOO_LARGE,
            "%s has more than %d bytes, which is the limit".formatted(uri, settings.maxBytes()));
      }
      if (!reference.sha256().isEmpty()
          && !HexFormat.of()
              .formatHex(Sha256.digest().digest(bytes))
              .equals(reference.sha256().toLowerCase(Locale.ROOT))) {
        throw new FrameRejectedException(
            Reason.REFERENCE_MISMATCH, uri + " has another SHA-256 than its reference says");
      }
      return bytes;
    }

    private int largestBytes() {
      return reference.sizeBytes() >= 1 ? (int) reference.sizeBytes() : settings.maxBytes();
    }

    private long leftMillis() {
      return TimeUnit.NANOSECONDS.toMillis(deadlineNanos - nanoTime.getAsLong());
    }

    private FrameRejectedException tooLate() {
      return unavailable(
          "%s was not fetched within %d ms: its store is slow, or slower than its references come"
              .formatted(uri, settings.timeout().toMillis()));
    }

    private static IllegalStateException closing() {
      return new IllegalStateException("the service is closed");
    }
  }
}
