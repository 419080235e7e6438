package io.atrous.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import io.atrous.chaos.Faults.KillBlindly;
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
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The short version of {@code atrous chaos}: each fault once, both guarantees, both protocols. */
@Tag("slow")
final class ChaosTest {

  @Test
  void keepsItsPromisesExactlyOnceThroughKillsAnOutageAndARestartOfTheBroker() throws Exception {
    ChaosReport report =
        run(
            ProcessingGuarantee.EXACTLY_ONCE_V2,
            1,
            "classic",
            List.of(new Kill(), new RegistryOutage(), new BrokerRestart()));

    assertThat(report.broken()).isEmpty();
    assertThat(report.duplicated()).isZero();
    assertThat(report.kills()).isEqualTo(1);
    assertThat(report.poisoned()).isPositive();
    assertThat(report.exits().keySet()).contains(3, 137);
  }

  @Test
  void keepsItsPromisesAtLeastOnceWithTwoInstances() throws Exception {
    ChaosReport report =
        run(
            ProcessingGuarantee.AT_LEAST_ONCE,
            2,
            "classic",
            List.of(new RefusedOutcome(), new Kill(), new Terminate(), new KillAll()));

    assertThat(report.broken()).isEmpty();
    assertThat(report.kills()).isEqualTo(3);
    assertThat(report.exits()).containsEntry(0, 1).containsEntry(137, 3);
  }

  @Test
  void keepsItsPromisesExactlyOnceWhateverTheEngineDoes() throws Exception {
    ChaosReport report =
        run(
            ProcessingGuarantee.EXACTLY_ONCE_V2,
            1,
            "classic",
            List.of(
                new EngineFailsOnce(),
                new DeviceOutOfMemory(),
                new EngineBreaks(),
                new DeviceHangs()));

    assertThat(report.broken()).isEmpty();
    assertThat(report.duplicated()).isZero();
    assertThat(report.exits()).containsEntry(3, 1).containsEntry(4, 1);
  }

  @Test
  void keepsItsPromisesExactlyOnceUnderTheStreamsProtocolWithTwoInstances() throws Exception {
    ChaosReport report =
        run(
            ProcessingGuarantee.EXACTLY_ONCE_V2,
            2,
            "streams",
            List.of(new RefusedOutcome(), new Kill(), new Freeze()));

    assertThat(report.broken()).isEmpty();
    assertThat(report.duplicated()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "streams"})
  void keepsItsPromisesExactlyOnceWhenAStrangerTakesItsGroup(String protocol) throws Exception {
    ChaosReport report =
        run(ProcessingGuarantee.EXACTLY_ONCE_V2, 1, protocol, List.of(new StrangerInTheGroup()));

    assertThat(report.broken()).isEmpty();
    assertThat(report.duplicated()).isZero();
    assertThat(report.exits()).as("refused, and started again").containsKey(2);
  }

  @Test
  void keepsItsPromisesExactlyOnceBesideAnInstanceWithOtherTopics() throws Exception {
    ChaosReport report =
        run(
            ProcessingGuarantee.EXACTLY_ONCE_V2,
            1,
            "classic",
            List.of(new OtherTopicsInTheGroup()));

    assertThat(report.broken()).isEmpty();
    assertThat(report.duplicated()).isZero();
    // On a machine that others load, a drain may miss its deadline of 3 s.
    assertThat(report.exits().keySet()).isSubsetOf(0, End.DEVICE_HUNG.exitCode());
  }

  @Test
  void leavesNeitherProcessesNorFilesBehindWhenItIsStopped() throws IOException {
    Set<Path> before = chaosDirectories();
    List<Chaos> running = new ArrayList<>();
    Chaos chaos =
        new Chaos(
            options(ProcessingGuarantee.EXACTLY_ONCE_V2, 1, "classic"),
            List.<Fault>of(new KillBlindly(), new KillBlindly()).iterator(),
            line -> {
              if (line.contains("1 kills")) {
                running.forEach(Chaos::stop);
              }
            });
    running.add(chaos);

    assertThatThrownBy(chaos::run)
        .isInstanceOf(ChaosFailedException.class)
        .hasMessageContaining("Stopped");

    assertThat(ProcessHandle.current().children())
        .noneMatch(
            child ->
                child.info().commandLine().orElse("").contains(FaultyInstance.class.getName()));
    assertThat(chaosDirectories()).isSubsetOf(before);
  }

  private static Set<Path> chaosDirectories() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("atrous-chaos-"))
          .collect(Collectors.toSet());
    }
  }

  @Test
  void keepsItsPromisesExactlyOnceWhenTheBrokersDiskIsFull() throws Exception {
    assumeTrue(canMount(), "mounting a small disk takes Linux and root's rights");
    ChaosOptions options =
        new ChaosOptions(
            ProcessingGuarantee.EXACTLY_ONCE_V2, 10, null, 1, "classic", 7, false, true, null);

    ChaosReport report =
        new Chaos(options, List.<Fault>of(new DiskFull()).iterator(), line -> {}).run();

    assertThat(report.broken()).isEmpty();
    assertThat(report.faults()).containsEntry("disk full", 1);
  }

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

  private static ChaosReport run(
      ProcessingGuarantee guarantee, int instances, String protocol, List<Fault> faults)
      throws Exception {
    return new Chaos(options(guarantee, instances, protocol), faults.iterator(), line -> {}).run();
  }

  private static ChaosOptions options(
      ProcessingGuarantee guarantee, int instances, String protocol) {
    return new ChaosOptions(guarantee, 10, null, instances, protocol, 7, false, false, null);
  }
}
