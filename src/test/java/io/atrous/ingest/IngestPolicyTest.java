package io.atrous.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The small decisions of taking in a camera, without a camera and without time. */
@Timeout(20)
final class IngestPolicyTest {

  private static final long SECOND = 1_000_000_000;

  private static Picture picture(int number) {
    return new Picture("session", Instant.EPOCH, NumberedJpegs.jpeg(number));
  }

  @Test
  void aLimitOfTheRateLeavesOutWhatIsMore() {
    FrameRateLimit limit = new FrameRateLimit(10);

    long passed = IntStream.range(0, 250).filter(i -> limit.admits(i * SECOND / 25)).count();

    assertThat(passed).as("10 a second of 25 a second, for 10 s").isBetween(99L, 101L);
  }

  @Test
  void aSourceOfJustThatRateLosesNothingToJitter() {
    FrameRateLimit limit = new FrameRateLimit(10);

    long passed =
        IntStream.range(0, 100)
            .filter(i -> limit.admits(i * SECOND / 10 + (i % 2 == 0 ? 0 : SECOND / 25)))
            .count();

    assertThat(passed).isGreaterThanOrEqualTo(99);
  }

  @Test
  void aPauseIsFollowedByNoFlood() {
    FrameRateLimit limit = new FrameRateLimit(1);
    limit.admits(0);

    long passed = IntStream.range(0, 50).filter(i -> limit.admits(100 * SECOND + i)).count();

    assertThat(passed).isEqualTo(FrameRateLimit.BURST);
  }

  @Test
  void picturesArriveOneAfterTheOtherEvenIfTheClockIsSetBack() {
    Queue<Instant> readings =
        new ArrayDeque<>(
            List.of(
                Instant.ofEpochSecond(100, 1_999),
                Instant.ofEpochSecond(100, 1_000),
                Instant.ofEpochSecond(50),
                Instant.ofEpochSecond(100, 9_000)));
    ArrivalClock arrivals =
        new ArrivalClock(
            new Clock() {
              @Override
              public ZoneId getZone() {
                return ZoneOffset.UTC;
              }

              @Override
              public Clock withZone(ZoneId zone) {
                return this;
              }

              @Override
              public Instant instant() {
                return readings.remove();
              }
            });

    assertThat(IntStream.range(0, 4).mapToObj(i -> arrivals.next()))
        .containsExactly(
            Instant.ofEpochSecond(100, 1_000),
            Instant.ofEpochSecond(100, 2_000),
            Instant.ofEpochSecond(100, 3_000),
            Instant.ofEpochSecond(100, 9_000));
  }

  @Test
  void pausesDoubleUpToTheLongestAndBeginAgainAfterASteadyStream() {
    RestartPauses pauses = new RestartPauses(Duration.ofSeconds(1), Duration.ofSeconds(30));

    for (int seconds : new int[] {1, 2, 4, 8, 16}) {
      assertThat(pauses.next(false).toMillis()).isBetween(seconds * 800L, seconds * 1_200L);
    }
    for (int i = 0; i < 100; i++) {
      assertThat(pauses.next(false).toMillis()).isBetween(24_000L, 30_000L);
    }
    assertThat(pauses.next(true).toMillis()).isBetween(800L, 1_200L);
  }

  @Test
  void camerasThatWentTogetherDoNotComeBackTogether() {
    assertThat(
            IntStream.range(0, 20)
                .mapToObj(
                    i -> new RestartPauses(Duration.ofHours(1), Duration.ofHours(2)).next(false))
                .distinct())
        .hasSizeGreaterThan(10);
  }

  @Test
  void theNewestPicturesAreKeptInTheirOrder() throws InterruptedException {
    NewestPictures pictures = new NewestPictures(3);

    List<Boolean> displaced =
        IntStream.range(0, 5).mapToObj(i -> pictures.add(picture(i))).toList();
    pictures.close();

    assertThat(displaced).containsExactly(false, false, false, true, true);
    for (int expected = 2; expected < 5; expected++) {
      Picture picture = Objects.requireNonNull(pictures.take());
      assertThat(NumberedJpegs.number(picture.jpeg())).isEqualTo(expected);
    }
    assertThat(pictures.take()).isNull();
  }

  @Test
  void whoTakesAPictureWaitsForIt() {
    NewestPictures pictures = new NewestPictures(1);
    CompletableFuture<Picture> taken =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return pictures.take();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });

    Picture picture = picture(1);
    pictures.add(picture);

    assertThat(taken.join()).isSameAs(picture);
  }
}
