package io.atrous.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.event.DeadLetterReason;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A promise that can't be found broken is none: each way of breaking one is shown to be seen. */
final class GuaranteesTest {

  private static final SentFrame A = frame("north", 0, null);
  private static final SentFrame B = frame("north", 1, null);
  private static final SentFrame BAD = frame("north", 2, DeadLetterReason.UNDECODABLE_IMAGE);
  private static final SentFrame C = frame("north", 3, null);
  private static final Ledger SENT = new Ledger(List.of(C, A, BAD, B));

  private static SentFrame frame(String camera, long offset, @Nullable DeadLetterReason poison) {
    return new SentFrame(
        "frames", 0, offset, camera, offset, camera + "-" + offset, "picture", poison);
  }

  static List<Guarantee> promises() {
    return List.of(
        new EveryFrameHasOneOutcome(),
        new ExactlyOnce(),
        new OrderKeptPerCamera(),
        new PoisonNeverBlocks(),
        new NeighboursUnharmed(),
        ShedFramesAreAccounted.byDeadLetters(),
        ShedFramesAreAccounted.byCount(0));
  }

  private static DownstreamReadingBuilder allButC() {
    return new DownstreamReadingBuilder()
        .mask(A, "1")
        .mask(B, "1")
        .deadLetter(BAD, "1", DeadLetterReason.UNDECODABLE_IMAGE);
  }

  private static DownstreamReadingBuilder all() {
    return allButC().mask(C, "1");
  }

  @ParameterizedTest
  @MethodSource("promises")
  void everyPromiseIsKeptWhenEachFrameIsAnsweredOnceInOrder(Guarantee guarantee) {
    Verdict verdict = guarantee.check(SENT, all().read());

    assertThat(verdict.kept()).isTrue();
    assertThat(verdict.offenders()).isEmpty();
    assertThat(verdict.toString()).contains(guarantee.getClass().getSimpleName()).contains("held");
  }

  @Test
  void aFrameWithoutAnOutcomeIsLost() {
    Verdict verdict = new EveryFrameHasOneOutcome().check(SENT, allButC().read());

    assertThat(verdict.count(EveryFrameHasOneOutcome.LOST)).isEqualTo(1);
    assertThat(verdict.offenders()).singleElement().asString().contains("frames/0@3");
    assertThat(verdict.toString()).contains("BROKEN").contains("1 lost").contains("north-3");
  }

  @Test
  void aMaskWithoutOneOfItsRegionsIsIncomplete() {
    DownstreamReading read = allButC().maskAlone(C, "1").regions(C, "1", 0).read();

    Verdict outcome = new EveryFrameHasOneOutcome().check(SENT, read);
    Verdict once = new ExactlyOnce().check(SENT, read);

    assertThat(outcome.count(EveryFrameHasOneOutcome.INCOMPLETE)).isEqualTo(1);
    assertThat(once.count(ExactlyOnce.TORN)).isEqualTo(1);
  }

  @Test
  void aRegionThatIsThereTwiceIsNotTheOneThatIsMissing() {
    DownstreamReading read = allButC().maskAlone(C, "1").regions(C, "1", 1, 1).read();

    assertThat(new EveryFrameHasOneOutcome().check(SENT, read).kept()).isFalse();
  }

  @Test
  void regionsOfAnotherAttemptDoNotCompleteAMask() {
    DownstreamReading read = allButC().maskAlone(C, "2").regions(C, "1", 0, 1).read();

    assertThat(new EveryFrameHasOneOutcome().check(SENT, read).kept()).isFalse();
  }

  @Test
  void anAttemptThatWasBrokenOffIsForgivenUnderAtLeastOnceOnly() {
    DownstreamReading read = allButC().maskAlone(C, "1").regions(C, "1", 0).mask(C, "2").read();

    Verdict outcome = new EveryFrameHasOneOutcome().check(SENT, read);
    Verdict once = new ExactlyOnce().check(SENT, read);

    assertThat(outcome.kept()).isTrue();
    assertThat(once.count(ExactlyOnce.DUPLICATED)).isEqualTo(1);
    assertThat(once.count(ExactlyOnce.TORN)).isEqualTo(1);
  }

  @Test
  void regionsWithoutAnOutcomeAreTorn() {
    DownstreamReading read = all().regions(C, "2", 0, 1).read();

    assertThat(new ExactlyOnce().check(SENT, read).count(ExactlyOnce.TORN)).isEqualTo(1);
  }

  @Test
  void aMaskAndADeadLetterOfOneFrameContradictEachOther() {
    DownstreamReading read = all().deadLetter(C, "2", DeadLetterReason.ENGINE_REJECTED).read();

    Verdict verdict = new EveryFrameHasOneOutcome().check(SENT, read);

    assertThat(verdict.count(EveryFrameHasOneOutcome.CONTRADICTED)).isEqualTo(1);
  }

  @Test
  void anOutcomeOfAFrameThatNobodySentIsUnasked() {
    DownstreamReading read = all().mask(frame("north", 99, null), "1").read();

    Verdict verdict = new EveryFrameHasOneOutcome().check(SENT, read);

    assertThat(verdict.count(EveryFrameHasOneOutcome.UNASKED)).isEqualTo(1);
  }

  @Test
  void anOutcomeWithTheNameOfAnotherCameraIsMislabelled() {
    DownstreamReading read =
        allButC().maskOf(C, "1", "south", Map.of()).regions(C, "1", 0, 1).read();

    Verdict verdict = new EveryFrameHasOneOutcome().check(SENT, read);

    assertThat(verdict.count(EveryFrameHasOneOutcome.MISLABELLED)).isEqualTo(1);
  }

  @Test
  void anOutcomeThatIsThereTwiceIsDuplicated() {
    Verdict verdict = new ExactlyOnce().check(SENT, all().mask(C, "2").read());

    assertThat(verdict.count(ExactlyOnce.DUPLICATED)).isEqualTo(1);
    assertThat(verdict.count(ExactlyOnce.TORN)).isZero();
    assertThat(verdict.offenders()).singleElement().asString().contains("frames/0@3");
  }

  @Test
  void anOutcomeBehindThatOfALaterFrameIsReordered() {
    DownstreamReading read =
        new DownstreamReadingBuilder().mask(B, "1").mask(A, "1").mask(C, "1").read();

    Verdict verdict = new OrderKeptPerCamera().check(SENT, read);

    assertThat(verdict.count(OrderKeptPerCamera.REORDERED)).isEqualTo(1);
    assertThat(verdict.offenders()).singleElement().asString().contains("frames/0@0");
  }

  @Test
  void aRepeatIsNotOutOfOrder() {
    DownstreamReading read =
        new DownstreamReadingBuilder()
            .mask(A, "1")
            .mask(B, "1")
            .mask(A, "2")
            .mask(B, "2")
            .mask(C, "2")
            .read();

    assertThat(new OrderKeptPerCamera().check(SENT, read).kept()).isTrue();
  }

  @Test
  void poisonWithoutADeadLetterIsUnreported() {
    DownstreamReading asMask =
        new DownstreamReadingBuilder().mask(A, "1").mask(B, "1").mask(BAD, "1").mask(C, "1").read();
    DownstreamReading silent =
        new DownstreamReadingBuilder().mask(A, "1").mask(B, "1").mask(C, "1").read();

    for (DownstreamReading read : List.of(asMask, silent)) {
      Verdict verdict = new PoisonNeverBlocks().check(SENT, read);
      assertThat(verdict.count(PoisonNeverBlocks.UNREPORTED)).isEqualTo(1);
      assertThat(verdict.count(PoisonNeverBlocks.BLOCKED)).isZero();
    }
  }

  @Test
  void poisonWithAnotherReasonIsMisjudged() {
    DownstreamReading read =
        new DownstreamReadingBuilder()
            .mask(A, "1")
            .mask(B, "1")
            .deadLetter(BAD, "1", DeadLetterReason.TOO_LARGE)
            .mask(C, "1")
            .read();

    Verdict verdict = new PoisonNeverBlocks().check(SENT, read);

    assertThat(verdict.count(PoisonNeverBlocks.MISJUDGED)).isEqualTo(1);
  }

  @Test
  void aFrameWithoutAnOutcomeBehindPoisonIsBlocked() {
    assertThat(
            new PoisonNeverBlocks().check(SENT, allButC().read()).count(PoisonNeverBlocks.BLOCKED))
        .isEqualTo(1);
  }

  @Test
  void aSoundFrameWithADeadLetterIsCondemned() {
    DownstreamReading read = allButC().deadLetter(C, "1", DeadLetterReason.ENGINE_REJECTED).read();

    assertThat(new NeighboursUnharmed().check(SENT, read).count(NeighboursUnharmed.CONDEMNED))
        .isEqualTo(1);
  }

  @Test
  void aMaskOfAnotherPictureIsSwapped() {
    DownstreamReading slightlyOff =
        allButC().maskOf(C, "1", "north", Map.of(0, 110L, 3, 890L)).read();
    DownstreamReading another = allButC().maskOf(C, "1", "north", Map.of(0, 500L, 2, 500L)).read();

    assertThat(new NeighboursUnharmed().check(SENT, slightlyOff).kept()).isTrue();
    assertThat(new NeighboursUnharmed().check(SENT, another).count(NeighboursUnharmed.SWAPPED))
        .isEqualTo(1);
  }

  @Test
  void aShedFrameWithADeadLetterIsAccountedAndNotCondemned() {
    DownstreamReading read = allButC().deadLetter(C, "1", DeadLetterReason.STALE).read();

    assertThat(ShedFramesAreAccounted.byDeadLetters().check(SENT, read).kept()).isTrue();
    assertThat(new EveryFrameHasOneOutcome().check(SENT, read).kept()).isTrue();
    assertThat(new NeighboursUnharmed().check(SENT, read).kept()).isTrue();
  }

  @Test
  void aFrameWithoutAnOutcomeHasVanishedUnlessItIsCounted() {
    DownstreamReading read = allButC().read();

    Verdict silent = ShedFramesAreAccounted.byDeadLetters().check(SENT, read);
    Verdict uncounted = ShedFramesAreAccounted.byCount(0).check(SENT, read);

    assertThat(silent.count(ShedFramesAreAccounted.VANISHED)).isEqualTo(1);
    assertThat(uncounted.count(ShedFramesAreAccounted.VANISHED)).isEqualTo(1);
    assertThat(ShedFramesAreAccounted.byCount(1).check(SENT, read).kept()).isTrue();
  }

  @Test
  void aCountOfMoreFramesThanHaveNoOutcomeIsWrong() {
    Verdict verdict = ShedFramesAreAccounted.byCount(3).check(SENT, allButC().read());

    assertThat(verdict.count(ShedFramesAreAccounted.MISCOUNTED)).isEqualTo(2);
    assertThat(verdict.count(ShedFramesAreAccounted.VANISHED)).isZero();
  }

  @Test
  void aMaskContradictsThatItsFrameWasShed() {
    DownstreamReading read = all().deadLetter(C, "2", DeadLetterReason.STALE).read();

    Verdict verdict = ShedFramesAreAccounted.byDeadLetters().check(SENT, read);

    assertThat(verdict.count(ShedFramesAreAccounted.ANSWERED)).isEqualTo(1);
  }

  @Test
  void namesTheFirstFewOffendersAndCountsThemAll() {
    List<SentFrame> many =
        IntStream.range(0, 100).mapToObj(offset -> frame("north", offset, null)).toList();

    Verdict verdict =
        new EveryFrameHasOneOutcome()
            .check(new Ledger(many), new DownstreamReadingBuilder().read());

    assertThat(verdict.count(EveryFrameHasOneOutcome.LOST)).isEqualTo(100);
    assertThat(verdict.offenders()).hasSizeBetween(1, 10);
  }

  @Test
  void aLedgerRefusesTwoFramesAtOnePosition() {
    assertThatThrownBy(() -> new Ledger(List.of(A, A)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
