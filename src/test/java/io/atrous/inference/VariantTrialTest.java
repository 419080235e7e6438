package io.atrous.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.network.Precision;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The clock stands still but for the runs, each of which takes what its variant costs. */
class VariantTrialTest {

  private record Variant(String label, Precision precision) implements EngineVariant {}

  private static final Variant PLAIN_FP32 = new Variant("plain fp32", Precision.FP32);
  private static final Variant FUSED_FP32 = new Variant("fused fp32", Precision.FP32);
  private static final Variant PLAIN_BF16 = new Variant("plain bf16", Precision.BF16);
  private static final Variant FUSED_BF16 = new Variant("fused bf16", Precision.BF16);
  private static final List<Variant> ALL = List.of(PLAIN_FP32, FUSED_FP32, PLAIN_BF16, FUSED_BF16);

  /** Each is warmed; the first labels the canary's candidates, the other the canary. */
  private static final int BEFORE_THE_ROUNDS = 1 + 3 + 1 + 1;

  private final Map<Variant, Long> costNanos = new HashMap<>();
  private final Map<Variant, Integer> runsUntilFailure = new HashMap<>();
  private final List<FakeEngine> open = new ArrayList<>();
  private final Map<Variant, Byte> labels = new HashMap<>();
  private final List<Variant> runs = new ArrayList<>();
  private int mostOpen;
  private long now;

  /** The figures are those of {@link #ALL}, in its order. */
  @ParameterizedTest
  @CsvSource({
    "300, 200, 190, 160, 1", // 1.25 times as fast as the fastest fp32
    "300, 200, 160, 190, 0",
    "300, 200, 190, 167, 2", // 1.198 times
    "200, 300, 190, 167, 3",
    "200, 300, 900, 900, 3", // a machine without instructions for bf16
    "300, 200, 100, 99, 1", // among equals in bits the faster wins, however closely
    "300, 200, 99, 100, 0",
  })
  void takesTheFastestAndFewerBitsOnlyForAFifthOfTheTime(
      long plainFp32, long fusedFp32, long plainBf16, long fusedBf16, int expected) {
    costs(plainFp32, fusedFp32, plainBf16, fusedBf16);

    FakeEngine winner = trial().fastest(ALL);

    assertThat(winner.variant)
        .isEqualTo(List.of(PLAIN_BF16, FUSED_BF16, FUSED_FP32, PLAIN_FP32).get(expected));
  }

  @Test
  void letsTheTwoTakeTurnsSoThatATroubledMachineTroublesBoth() {
    costs(300, 200, 0, 0);

    trial().fastest(List.of(PLAIN_FP32, FUSED_FP32));

    assertThat(runs.subList(runs.size() - 6, runs.size()))
        .containsExactly(PLAIN_FP32, FUSED_FP32, PLAIN_FP32, FUSED_FP32, PLAIN_FP32, FUSED_FP32);
  }

  @Test
  void holdsTwoEnginesAtMostAndLeavesTheWinnerOpen() {
    costs(300, 200, 190, 100);

    FakeEngine winner = trial().fastest(ALL);

    assertThat(mostOpen).isEqualTo(2);
    assertThat(open).containsExactly(winner);
  }

  @Test
  void givesALargeNetworkTwoRounds() {
    costs(4_000_000_000L, 3_900_000_000L, 0, 0);

    assertThat(trial().fastest(List.of(PLAIN_FP32, FUSED_FP32)).variant).isEqualTo(FUSED_FP32);
    assertThat(runs).hasSize(BEFORE_THE_ROUNDS + 2 * 2);
  }

  @Test
  void givesOneThatIsHopelessASingleRound() {
    costs(1_000_000_000L, 3_000_000_000L, 0, 0);

    assertThat(trial().fastest(List.of(PLAIN_FP32, FUSED_FP32)).variant).isEqualTo(PLAIN_FP32);
    assertThat(runs).hasSize(BEFORE_THE_ROUNDS + 2);
  }

  @Test
  void leavesOutWhatDoesNotRunHere() {
    costNanos.put(FUSED_FP32, 200L);
    costNanos.put(FUSED_BF16, 190L);

    FakeEngine winner = trial().fastest(ALL);

    assertThat(winner.variant).isEqualTo(FUSED_FP32);
    assertThat(open).containsExactly(winner);
  }

  @Test
  void takesNoneThatIsFastAndLabelsOtherwise() {
    costs(300, 10, 250, 20);
    labels.put(FUSED_FP32, (byte) 1);
    labels.put(FUSED_BF16, (byte) 2);

    FakeEngine winner = trial().fastest(ALL);

    assertThat(winner.variant).isEqualTo(PLAIN_FP32);
    assertThat(open).containsExactly(winner);
  }

  @Test
  void saysWhyIfNothingRuns() {
    assertThatThrownBy(() -> trial().fastest(ALL))
        .isInstanceOf(EngineFailedException.class)
        .hasMessage("no fused bf16");
    assertThat(open).isEmpty();
  }

  @Test
  void closesTheFirstEngineIfItFailsOnTheKnownImage() {
    costs(300, 200, 190, 100);
    runsUntilFailure.put(PLAIN_FP32, 1);

    FakeEngine winner = trial().fastest(ALL);

    assertThat(winner.variant).isEqualTo(FUSED_BF16);
    assertThat(open).containsExactly(winner);
  }

  @Test
  void closesEveryEngineIfOneBreaks() {
    costs(300, 200, 100, -1);

    assertThatThrownBy(() -> trial().fastest(ALL)).hasMessage("broken");
    assertThat(open).isEmpty();
  }

  private void costs(long plainFp32, long fusedFp32, long plainBf16, long fusedBf16) {
    costNanos.put(PLAIN_FP32, plainFp32);
    costNanos.put(FUSED_FP32, fusedFp32);
    costNanos.put(PLAIN_BF16, plainBf16);
    costNanos.put(FUSED_BF16, fusedBf16);
  }

  private VariantTrial<Variant, FakeEngine> trial() {
    return new VariantTrial<>(FakeEngine::new, () -> now);
  }

  private final class FakeEngine implements SegmentationEngine {
    private final Variant variant;

    FakeEngine(Variant variant) {
      this.variant = variant;
      open.add(this);
      mostOpen = Math.max(mostOpen, open.size());
    }

    @Override
    public EngineProfile profile() {
      return new EngineProfile("cpu", variant.precision().label(), 1, 1, 1);
    }

    @Override
    public List<EngineMask> segment(List<ByteBuffer> images) {
      if (!costNanos.containsKey(variant)
          || Collections.frequency(runs, variant)
              == runsUntilFailure.getOrDefault(variant, Integer.MAX_VALUE)) {
        throw new EngineFailedException("no " + variant.label(), null);
      }
      long cost = Objects.requireNonNull(costNanos.get(variant));
      if (cost < 0) {
        throw new IllegalStateException("broken");
      }
      runs.add(variant);
      now += cost;
      return List.of(new EngineMask(new byte[] {labels.getOrDefault(variant, (byte) 0)}, null));
    }

    @Override
    public void close() {
      assertThat(open.remove(this)).isTrue();
    }
  }
}
