package io.atrous.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import org.junit.jupiter.api.parallel.Isolated;

/** Chaos that is given up while an instance is about to start again. */
@Isolated("it looks at all processes of this JVM")
@Tag("slow")
final class StoppedChaosTest {

  @Test
  void leavesNeitherProcessesNorFilesBehind() throws IOException {
    Set<Path> before = chaosDirectories();
    List<Chaos> running = new ArrayList<>();
    Chaos chaos =
        new Chaos(
            new ChaosOptions(
                ProcessingGuarantee.EXACTLY_ONCE_V2,
                10,
                null,
                1,
                "classic",
                7,
                false,
                1,
                false,
                null),
            List.<Fault>of(new KillAndStop(running)).iterator(),
            line -> {});
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

  private record KillAndStop(List<Chaos> running) implements Fault {
    @Override
    public String name() {
      return "kill and stop";
    }

    @Override
    public void strike(ChaosWorld world) throws InterruptedException {
      world.kill(world.anyInstance());
      running.forEach(Chaos::stop);
    }
  }

  private static Set<Path> chaosDirectories() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("atrous-chaos-"))
          .collect(Collectors.toSet());
    }
  }
}
