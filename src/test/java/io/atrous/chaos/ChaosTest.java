package io.atrous.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.SegmentationService.End;
import io.atrous.chaos.Faults.BrokerRestart;
import io.atrous.chaos.Faults.DeviceHangs;
import io.atrous.chaos.Faults.DeviceOutOfMemory;
import io.atrous.chaos.Faults.DiskFull;
import io.atrous.chaos.Faults.EngineBreaks;
import io.atrous.chaos.Faults.EngineFailsOnce;
import io.atrous.chaos.Faults.Freeze;
import io.atrous.chaos.Faults.Kill;
import io.atrous.chaos.Faults.KillAll;
import io.atrous.chaos.Faults.OtherTopicsInTheGroup;
import io.atrous.chaos.Faults.RefusedOutcome;
import io.atrous.chaos.Faults.RegistryOutage;
import io.atrous.chaos.Faults.StrangerInTheGroup;
import io.atrous.chaos.Faults.Terminate;
import io.atrous.settings.ProcessingGuarantee;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The short version of {@code atrous chaos}: each fault once, both guarantees, both protocols. A
 * cluster and an instance take longer to start than most faults take, so each world has several.
 */
@Execution(ExecutionMode.CONCURRENT)
@Tag("slow")
final class ChaosTest {

  @Test
  void keepsItsPromisesExactlyOnceWhateverFails() throws Exception {
    boolean canMount = canMount();
    List<Fault> faults =
        new ArrayList<>(
            List.of(
                new Kill(),
                new RegistryOutage(),
                new BrokerRestart(),
                new EngineFailsOnce(),
                new DeviceOutOfMemory(),
                new EngineBreaks(),
                new DeviceHangs(),
                new StrangerInTheGroup()));
    if (canMount) {
      faults.add(new DiskFull());
    }

    ChaosReport report =
        run(
            new ChaosOptions(
                ProcessingGuarantee.EXACTLY_ONCE_V2,
                10,
                null,
                1,
                "classic",
                7,
                false,
                ChaosOptions.REDUNDANT_BROKERS,
                canMount,
                null),
            faults);

    assertThat(report.broken()).isEmpty();
    assertThat(report.duplicated()).isZero();
    assertThat(report.kills()).isEqualTo(2);
    assertThat(report.poisoned()).isPositive();
    assertThat(report.exits())
        .as("refused; registry and engine given up; device hung; killed")
        .containsKeys(2, 3, End.DEVICE_HUNG.exitCode(), 137);
  }

  @Test
  void keepsItsPromisesAtLeastOnceWithTwoInstances() throws Exception {
    ChaosReport report =
        run(
            withOneBroker(ProcessingGuarantee.AT_LEAST_ONCE, "classic"),
            List.of(
                new RefusedOutcome(),
                new Kill(),
                new Terminate(),
                new KillAll(),
                new OtherTopicsInTheGroup()));

    assertThat(report.broken()).isEmpty();
    assertThat(report.kills()).isEqualTo(3);
    assertThat(report.exits()).containsKey(0).containsEntry(137, 3);
    // On a machine that others load, a drain may miss its deadline of 3 s.
    assertThat(report.exits().keySet())
        .as("nobody is refused for the other instance's topics")
        .isSubsetOf(0, End.DEVICE_HUNG.exitCode(), 137);
  }

  @Test
  void keepsItsPromisesExactlyOnceUnderTheStreamsProtocolWithTwoInstances() throws Exception {
    ChaosReport report =
        run(
            withOneBroker(ProcessingGuarantee.EXACTLY_ONCE_V2, "streams"),
            List.of(new RefusedOutcome(), new Kill(), new Freeze(), new StrangerInTheGroup()));

    assertThat(report.broken()).isEmpty();
    assertThat(report.duplicated()).isZero();
    assertThat(report.exits()).as("refused, and started again").containsKey(2);
  }

  /** Mounting a small disk takes Linux and root's rights. */
  private static boolean canMount() throws IOException {
    Path path = Files.createTempDirectory("atrous-disk-");
    try (SmallDisk disk = SmallDisk.mount(path)) {
      return Files.isDirectory(disk.path());
    } catch (IOException e) {
      return false;
    } finally {
      Files.delete(path);
    }
  }

  private static ChaosReport run(ChaosOptions options, List<Fault> faults) throws Exception {
    return new Chaos(options, faults.iterator(), line -> {}).run();
  }

  private static ChaosOptions withOneBroker(ProcessingGuarantee guarantee, String protocol) {
    return new ChaosOptions(guarantee, 10, null, 2, protocol, 7, false, 1, false, null);
  }
}
