package io.atrous.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DynamicBatcherTest {

  private static final Duration FOREVER = Duration.ofHours(1);

  private final AtomicLong now = new AtomicLong();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  @Test
  void answersEachRequestWithItsOwnResult() {
    try (var batcher = start(policy(3, FOREVER), 1, Doubler::new)) {
      var one = batcher.submit(1, Arrival.at(0));
      var two = batcher.submit(2, Arrival.at(0));
      var three = batcher.submit(3, Arrival.at(0));

      assertThat(List.of(one.join(), two.join(), three.join())).containsExactly(2, 4, 6);
    }
  }

  @Test
  void countsBatchesByWhyTheyLeft() throws InterruptedException {
    now.set(FOREVER.toNanos());
    var batches = new LinkedBlockingQueue<List<Integer>>();
    try (var batcher = start(policy(2, FOREVER), 1, () -> new Recorder(batches))) {
      submit(batcher, 1, 0);
      batches.take();
      submit(batcher, 2, now.get());
      submit(batcher, 3, now.get());
      batches.take();
      submit(batcher, 4, now.get());
    }

    assertThat(departures("queue_delay")).isEqualTo(1);
    assertThat(departures("full")).isEqualTo(1);
    assertThat(departures("closing")).isEqualTo(1);
    assertThat(meters.get("atrous.batch.frames").summary().totalAmount()).isEqualTo(4);
  }

  private double departures(String reason) {
    return meters.get("atrous.batches").tag("reason", reason).counter().count();
  }

  @Test
  void makesRequestsOfDifferentThreadsOneBatch() throws InterruptedException {
    var batches = new LinkedBlockingQueue<List<Integer>>();
    try (var batcher = start(policy(4, FOREVER), 1, () -> new Recorder(batches))) {
      List<Thread> threads =
          IntStream.range(0, 4).mapToObj(i -> new Thread(() -> submit(batcher, i, 0))).toList();
      threads.forEach(Thread::start);

      assertThat(batches.take()).containsExactlyInAnyOrder(0, 1, 2, 3);
    }
  }

  @Test
  void sendsAnOverdueRequestAloneAtOnce() throws InterruptedException {
    now.set(FOREVER.toNanos());
    var batches = new LinkedBlockingQueue<List<Integer>>();
    try (var batcher = start(policy(4, FOREVER), 1, () -> new Recorder(batches))) {
      submit(batcher, 1, 0);

      assertThat(batches.take()).containsExactly(1);
    }
  }

  @Test
  void wakesByItselfWhenTheOldestRequestHasWaitedTheQueueDelay() throws InterruptedException {
    var batches = new LinkedBlockingQueue<List<Integer>>();
    // A clock that a reading moves on: the lane's second look finds the time gone by.
    var clock = new AtomicLong();
    try (var batcher =
        DynamicBatcher.start(
            "lane",
            policy(4, Duration.ofMillis(2)),
            1,
            () -> new Recorder(batches),
            new BatchMetrics(meters),
            () -> clock.getAndAdd(1_000_000))) {
      submit(batcher, 1, 0);

      assertThat(batches.take()).containsExactly(1);
    }
  }

  @Test
  void anOlderRequestThatComesLaterWakesALaneThatWaitsForAYoungerOne() throws InterruptedException {
    var batches = new LinkedBlockingQueue<List<Integer>>();
    try (var batcher = start(policy(4, FOREVER), 2, () -> new Recorder(batches))) {
      submit(batcher, 1, 0);
      submit(batcher, 2, -FOREVER.toNanos());

      assertThat(batches.take()).containsExactly(2, 1);
    }
  }

  @Test
  void whatWaitedBeyondItsLifetimeWhileTheLaneWasBusyIsNeverGivenToIt()
      throws InterruptedException {
    var batches = new LinkedBlockingQueue<List<Integer>>();
    var held = new CountDownLatch(1);
    try (var batcher = start(policy(3, Duration.ZERO), 1, () -> new Recorder(batches, held))) {
      submit(batcher, 0, 0);
      assertThat(batches.take()).containsExactly(0);
      var stale = batcher.submit(1, new Arrival("camera", 0, 10));
      var fresh = batcher.submit(2, new Arrival("camera", 0, 20));
      now.set(15);

      held.countDown();

      assertThat(fresh.join()).isEqualTo(2);
      assertThat(batches.take()).containsExactly(2);
      assertThatThrownBy(stale::join).hasCauseInstanceOf(RequestExpiredException.class);
    }
  }

  @Test
  void aHurriedRequestGoesBeforeThoseThatCameEarlier() throws InterruptedException {
    var batches = new LinkedBlockingQueue<List<Integer>>();
    var held = new CountDownLatch(1);
    try (var batcher = start(policy(1, Duration.ZERO), 1, () -> new Recorder(batches, held))) {
      submit(batcher, 0, 0);
      assertThat(batches.take()).containsExactly(0);
      submit(batcher, 1, 1);
      batcher.expedite(batcher.submit(2, Arrival.at(2)));

      held.countDown();

      assertThat(batches.take()).containsExactly(2);
      assertThat(batches.take()).containsExactly(1);
    }
  }

  @Test
  void overdueRequestsThatGatheredWhileTheLaneWasBusyLeaveInFullBatches()
      throws InterruptedException {
    var batches = new LinkedBlockingQueue<List<Integer>>();
    var held = new CountDownLatch(1);
    try (var batcher = start(policy(3, Duration.ZERO), 1, () -> new Recorder(batches, held))) {
      submit(batcher, 0, 0);
      assertThat(batches.take()).containsExactly(0);
      for (int i = 1; i <= 5; i++) {
        submit(batcher, i, 0);
      }
      assertThat(batcher.queued()).isEqualTo(5);

      held.countDown();

      assertThat(batches.take()).containsExactly(1, 2, 3);
      assertThat(batches.take()).containsExactly(4, 5);
    }
  }

  @Test
  void anotherLaneWorksWhileOneIsHeld() throws InterruptedException {
    var batches = new LinkedBlockingQueue<List<Integer>>();
    var held = new CountDownLatch(1);
    try (var batcher = start(policy(1, FOREVER), 2, () -> new Recorder(batches, held))) {
      submit(batcher, 1, 0);
      submit(batcher, 2, 0);

      assertThat(List.of(batches.take(), batches.take()))
          .containsExactlyInAnyOrder(List.of(1), List.of(2));
      held.countDown();
    }
  }

  @Test
  void oneBadRequestDoesNotFailItsNeighbours() {
    Function<Integer, BatchResult<Integer>> halve =
        n ->
            n % 2 == 0
                ? new BatchResult.Answered<>(n / 2)
                : new BatchResult.Failed<>(new IllegalArgumentException("odd"));
    try (var batcher = start(policy(3, FOREVER), 1, () -> each(halve))) {
      var two = batcher.submit(2, Arrival.at(0));
      var three = batcher.submit(3, Arrival.at(0));
      var four = batcher.submit(4, Arrival.at(0));

      assertThat(two.join()).isEqualTo(1);
      assertThat(four.join()).isEqualTo(2);
      assertThatThrownBy(three::join).hasRootCauseMessage("odd");
    }
  }

  @Test
  void aProcessorThatThrowsFailsOnlyItsBatch() {
    Function<Integer, BatchResult<Integer>> divide = n -> new BatchResult.Answered<>(12 / n);
    try (var batcher = start(policy(2, FOREVER), 1, () -> each(divide))) {
      var zero = batcher.submit(0, Arrival.at(0));
      var neighbour = batcher.submit(1, Arrival.at(0));
      var three = batcher.submit(3, Arrival.at(0));
      var four = batcher.submit(4, Arrival.at(0));

      assertThatThrownBy(zero::join).hasRootCauseInstanceOf(ArithmeticException.class);
      assertThatThrownBy(neighbour::join).hasRootCauseInstanceOf(ArithmeticException.class);
      assertThat(List.of(three.join(), four.join())).containsExactly(4, 3);
    }
  }

  @Test
  void aProcessorThatForgetsARequestFailsTheBatchInsteadOfMixingAnswersUp() {
    BatchProcessor<Integer, Integer> forgetful =
        new Doubler() {
          @Override
          public List<BatchResult<Integer>> process(List<Integer> requests) {
            return super.process(requests).subList(1, requests.size());
          }
        };
    try (var batcher = start(policy(2, FOREVER), 1, () -> forgetful)) {
      var one = batcher.submit(1, Arrival.at(0));
      var two = batcher.submit(2, Arrival.at(0));

      assertThatThrownBy(one::join).hasRootCauseMessage("1 results for a batch of 2");
      assertThatThrownBy(two::join).hasRootCauseMessage("1 results for a batch of 2");
    }
  }

  @Test
  void aCancelledRequestIsWithdrawn() throws InterruptedException {
    var batches = new LinkedBlockingQueue<List<Integer>>();
    try (var batcher = start(policy(2, FOREVER), 1, () -> new Recorder(batches))) {
      var given = batcher.submit(1, Arrival.at(0));

      given.cancel(false);

      assertThat(batcher.queued()).isZero();
      submit(batcher, 2, 0);
      submit(batcher, 3, 0);
      assertThat(batches.take()).containsExactly(2, 3);
    }
  }

  @Test
  void refusesARequestBeyondItsCapacityWithoutBlocking() throws InterruptedException {
    var batches = new LinkedBlockingQueue<List<Integer>>();
    var held = new CountDownLatch(1);
    var policy = new BatchPolicy(1, Duration.ZERO, 2);
    try (var batcher = start(policy, 1, () -> new Recorder(batches, held))) {
      submit(batcher, 0, 0);
      batches.take();
      var waiting = List.of(batcher.submit(1, Arrival.at(0)), batcher.submit(2, Arrival.at(0)));

      var refused = batcher.submit(3, Arrival.at(0));

      assertThatThrownBy(refused::join)
          .hasCauseInstanceOf(RejectedExecutionException.class)
          .hasRootCauseMessage("lane is full: 2 requests wait");
      held.countDown();
      assertThat(waiting).extracting(CompletableFuture::join).containsExactly(1, 2);
    }
  }

  @Test
  void closingAnswersWhatWasSubmittedAndRefusesTheRest() {
    var batcher = start(policy(4, FOREVER), 1, Doubler::new);
    var submitted = IntStream.range(0, 3).mapToObj(i -> batcher.submit(i, Arrival.at(0))).toList();

    batcher.close();

    assertThat(submitted).allMatch(CompletableFuture::isDone);
    assertThat(submitted).extracting(CompletableFuture::join).containsExactly(0, 2, 4);
    assertThatThrownBy(() -> batcher.submit(3, Arrival.at(0)).join())
        .hasCauseInstanceOf(RejectedExecutionException.class)
        .hasRootCauseMessage("lane is closed");
  }

  @Test
  void closingTwiceIsHarmless() {
    var batcher = start(policy(4, FOREVER), 2, Doubler::new);
    batcher.close();
    batcher.close();
    assertThat(batcher.queued()).isZero();
  }

  @Test
  void aProcessorLivesOnTheThreadOfItsLane() {
    List<String> log = Collections.synchronizedList(new ArrayList<>());
    BatchProcessor<Integer, Integer> first =
        new Doubler() {
          @Override
          public List<BatchResult<Integer>> process(List<Integer> requests) {
            log.add("process on " + Thread.currentThread().getName());
            return super.process(requests);
          }

          @Override
          public void close() {
            log.add("close on " + Thread.currentThread().getName());
          }
        };
    var batcher =
        start(
            policy(1, FOREVER),
            1,
            () -> {
              log.add("make on " + Thread.currentThread().getName());
              return first;
            });
    batcher.submit(1, Arrival.at(0)).join();

    batcher.close();

    assertThat(log).containsExactly("make on lane-0", "process on lane-0", "close on lane-0");
  }

  @Test
  void startsOnlyWhenEveryLaneHasItsProcessor() {
    var made = new AtomicInteger();
    try (var batcher =
        start(
            policy(1, FOREVER),
            3,
            () -> {
              made.incrementAndGet();
              return new Doubler();
            })) {
      assertThat(made).hasValue(3);
      assertThat(batcher.submit(1, Arrival.at(0)).join()).isEqualTo(2);
    }
  }

  @Test
  void failsToStartWithTheProcessorsOwnWordsAndLeavesNoLane() {
    var made = new AtomicInteger();
    var closed = new AtomicInteger();

    assertThatThrownBy(
            () ->
                start(
                    policy(1, FOREVER),
                    2,
                    () -> {
                      if (made.incrementAndGet() == 2) {
                        throw new IllegalStateException("no second device");
                      }
                      return new Doubler() {
                        @Override
                        public void close() {
                          closed.incrementAndGet();
                        }
                      };
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no second device");

    assertThat(closed).hasValue(1);
  }

  @Test
  void aLaneSurvivesAnInterruptAimedAtIt() {
    Set<Thread> laneThreads = ConcurrentHashMap.newKeySet();
    try (var batcher =
        start(
            policy(1, FOREVER),
            1,
            () -> {
              laneThreads.add(Thread.currentThread());
              return new Doubler();
            })) {
      laneThreads.forEach(Thread::interrupt);

      assertThat(batcher.submit(21, Arrival.at(0)).join()).isEqualTo(42);
    }
  }

  @Test
  void everyRequestOfManyThreadsIsAnsweredExactlyOnceInBatchesWithinTheLimit()
      throws InterruptedException {
    var batches = new LinkedBlockingQueue<List<Integer>>();
    var answers = new ConcurrentLinkedQueue<CompletableFuture<Integer>>();
    var policy = new BatchPolicy(7, Duration.ZERO, 8_000);
    try (var batcher = start(policy, 3, () -> new Recorder(batches))) {
      List<Thread> threads =
          IntStream.range(0, 4)
              .mapToObj(
                  t ->
                      new Thread(
                          () -> {
                            for (int i = 0; i < 2_000; i++) {
                              answers.add(batcher.submit(t * 2_000 + i, Arrival.at(i)));
                            }
                          }))
              .toList();
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
    }

    assertThat(answers).hasSize(8_000).allMatch(answer -> !answer.isCompletedExceptionally());
    assertThat(batches).allMatch(batch -> batch.size() <= 7);
    assertThat(batches.stream().flatMap(List::stream))
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 8_000).boxed().toList());
  }

  /** In a time that passes only when every lane is busy or nothing is left to do. */
  @Test
  void keepsEveryLaneBusySoAFasterOneAnswersMoreInProportion() throws InterruptedException {
    int requests = 61;
    List<Integer> batchTimes = List.of(1, 2, 3);
    var world = new SimulatedLanes(batchTimes);
    try (var batcher = start(policy(1, Duration.ZERO), 3, world::nextLane)) {
      for (int i = 0; i < requests; i++) {
        submit(batcher, i, 0);
      }

      world.runUntilAnswered(requests);
    }

    // Until the time 32 the lanes begin 33, 17 and 11 of them; the last of the second ends at 34.
    assertThat(world.answered).containsExactly(33, 17, 11);
    assertThat(world.time).isEqualTo(34);
  }

  /** Lanes that take a fixed time for each batch, on a clock that the test moves. */
  private static final class SimulatedLanes {
    private final List<Integer> batchTimes;
    private final int[] busyUntil;
    private final int[] answered;
    private int lanes;
    private int time;

    SimulatedLanes(List<Integer> batchTimes) {
      this.batchTimes = batchTimes;
      this.busyUntil = new int[batchTimes.size()];
      this.answered = new int[batchTimes.size()];
    }

    synchronized BatchProcessor<Integer, Integer> nextLane() {
      int lane = lanes++;
      return new BatchProcessor<>() {
        @Override
        public List<BatchResult<Integer>> process(List<Integer> requests)
            throws InterruptedException {
          work(lane, requests.size());
          return requests.stream().<BatchResult<Integer>>map(BatchResult.Answered::new).toList();
        }

        @Override
        public void close() {}
      };
    }

    private synchronized void work(int lane, int requests) throws InterruptedException {
      busyUntil[lane] = time + batchTimes.get(lane);
      notifyAll();
      while (busyUntil[lane] > time) {
        wait();
      }
      busyUntil[lane] = 0;
      answered[lane] += requests;
      notifyAll();
    }

    /** Moves the time to the next end of a batch as soon as every lane has taken one. */
    synchronized void runUntilAnswered(int requests) throws InterruptedException {
      while (IntStream.of(answered).sum() < requests) {
        int taken = IntStream.of(answered).sum() + busyLanes();
        if (busyLanes() == Math.min(lanes, busyLanes() + requests - taken)) {
          time = IntStream.of(busyUntil).filter(until -> until > time).min().orElseThrow();
          notifyAll();
        }
        wait();
      }
    }

    private int busyLanes() {
      return (int) IntStream.of(busyUntil).filter(until -> until > time).count();
    }
  }

  private DynamicBatcher<Integer, Integer> start(
      BatchPolicy policy, int lanes, Supplier<BatchProcessor<Integer, Integer>> processors) {
    return DynamicBatcher.start(
        "lane", policy, lanes, processors, new BatchMetrics(meters), now::get);
  }

  /** Submits a request whose answer the test does not look at. */
  private static void submit(DynamicBatcher<Integer, Integer> batcher, int n, long arrivalNanos) {
    var unused = batcher.submit(n, Arrival.at(arrivalNanos));
  }

  private static BatchPolicy policy(int maxBatchSize, Duration maxQueueDelay) {
    return new BatchPolicy(maxBatchSize, maxQueueDelay, 64);
  }

  private static BatchProcessor<Integer, Integer> each(
      Function<Integer, BatchResult<Integer>> answer) {
    return new Doubler() {
      @Override
      public List<BatchResult<Integer>> process(List<Integer> requests) {
        return requests.stream().map(answer).toList();
      }
    };
  }

  private static class Doubler implements BatchProcessor<Integer, Integer> {
    @Override
    public List<BatchResult<Integer>> process(List<Integer> requests) {
      return requests.stream()
          .<BatchResult<Integer>>map(n -> new BatchResult.Answered<>(2 * n))
          .toList();
    }

    @Override
    public void close() {}
  }

  /** Answers a request with itself, after telling which batch it saw and being let go. */
  private static final class Recorder implements BatchProcessor<Integer, Integer> {
    private final BlockingQueue<List<Integer>> batches;
    private final CountDownLatch held;

    Recorder(BlockingQueue<List<Integer>> batches) {
      this(batches, new CountDownLatch(0));
    }

    Recorder(BlockingQueue<List<Integer>> batches, CountDownLatch held) {
      this.batches = batches;
      this.held = held;
    }

    @Override
    public List<BatchResult<Integer>> process(List<Integer> requests) throws InterruptedException {
      batches.add(requests);
      held.await();
      return requests.stream().<BatchResult<Integer>>map(BatchResult.Answered::new).toList();
    }

    @Override
    public void close() {}
  }
}
