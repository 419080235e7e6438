package io.atrous;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.util.Map.entry;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;

/** The rules of the house: docs/architecture.md. */
@AnalyzeClasses(packages = "io.atrous", importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {

  private static final String ROOT = "io.atrous";

  /** A package may use those of lower floors; packages on one floor don't know each other. */
  private static final Map<String, Integer> FLOORS =
      Map.ofEntries(
          entry(ROOT + ".model", 0),
          entry(ROOT + ".process", 0),
          entry(ROOT + ".metrics", 0),
          entry(ROOT + ".logging", 0),
          entry(ROOT + ".web", 0),
          entry(ROOT + ".frame", 1),
          entry(ROOT + ".mask", 1),
          entry(ROOT + ".tracing", 1),
          entry(ROOT + ".event", 2),
          entry(ROOT + ".payload", 2),
          entry(ROOT + ".network", 2),
          entry(ROOT + ".batching", 2),
          entry(ROOT + ".dataset", 2),
          entry(ROOT + ".checkpoint.torch", 2),
          entry(ROOT + ".inference", 3),
          entry(ROOT + ".inference.onednn", 4),
          entry(ROOT + ".inference.torch", 4),
          entry(ROOT + ".live", 4),
          entry(ROOT + ".checkpoint", 5),
          entry(ROOT + ".dataset.scene", 3),
          entry(ROOT + ".stream", 5),
          entry(ROOT + ".evaluation", 5),
          entry(ROOT + ".training", 6),
          entry(ROOT + ".calibration", 6),
          entry(ROOT + ".prediction", 5),
          entry(ROOT + ".settings", 6),
          entry(ROOT + ".deadletter", 7),
          entry(ROOT, 8),
          entry(ROOT + ".watch", 8),
          entry(ROOT + ".embedded", 9),
          entry(ROOT + ".demo", 10),
          entry(ROOT + ".ingest", 10),
          entry(ROOT + ".bench", 10),
          entry(ROOT + ".chaos", 10),
          entry(ROOT + ".cli", 11));

  @ArchTest
  static final ArchRule everyPackageHasAFloorAndArrowsOnlyGoDown =
      classes().that().resideInAPackage(ROOT + "..").should(onlyUseLowerFloors());

  @ArchTest
  static final ArchRule djlEndsWhereNetworksAreRunAndWhereTheyAreTrained =
      noClasses()
          .that()
          .resideOutsideOfPackages(ROOT + ".inference.torch", ROOT + ".training")
          .and()
          .haveNameNotMatching(
              ROOT
                  + "\\.network\\.(TrainableNetwork|NdArrayOperations|ReplicatedOperations"
                  + "|SynchronizedBatchNorm)")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.djl..");

  @ArchTest
  static final ArchRule onlyTheStreamItsSettingsAndTheRootKnowKafkaStreams =
      noClasses()
          .that()
          .resideOutsideOfPackages(ROOT + ".stream", ROOT + ".settings", ROOT)
          .and()
          // What the service is compared with.
          .haveNameNotMatching(ROOT + "\\.bench\\.NaiveService(\\$.*)?")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.kafka.streams..");

  @ArchTest
  static final ArchRule onlyTheCommitBarrierTouchesTheInsidesOfKafkaStreams =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName(ROOT + ".stream.CommitBarrier")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.kafka.streams..internals..");

  @ArchTest
  static final ArchRule avroStaysWithEventsStreamsAndTheirConsumers =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              ROOT + ".event",
              ROOT + ".stream",
              ROOT + ".deadletter",
              ROOT + ".watch",
              ROOT + ".embedded",
              ROOT + ".demo",
              ROOT + ".ingest",
              ROOT + ".bench",
              ROOT + ".chaos",
              ROOT + ".cli")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.avro..");

  @ArchTest
  static final ArchRule theBrokerBelongsToTheEmbeddedWorld =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + ".embedded")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "kafka..",
              "org.apache.kafka.metadata..",
              "org.apache.kafka.server..",
              "org.apache.kafka.raft..");

  @ArchTest
  static final ArchRule openTelemetryEndsWhereFramesAreTraced =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + ".tracing")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.opentelemetry..");

  @ArchTest
  static final ArchRule belowTheEdgesTimeIsPassedIn =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              ROOT, ROOT + ".embedded", ROOT + ".demo", ROOT + ".chaos", ROOT + ".cli")
          .and()
          .haveNameNotMatching(ROOT + "\\.bench\\.NaiveService(\\$.*)?")
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(Clock.class, "systemUTC")
          .orShould()
          .callMethod(Clock.class, "systemDefaultZone")
          .orShould()
          .callMethod(Thread.class, "sleep", long.class);

  @ArchTest
  static final ArchRule namesSayWhatAClassIs =
      noClasses()
          .should()
          .haveNameMatching(
              ".*\\.(Abstract[A-Z]\\w*|Base[A-Z]\\w*|\\w*(Impl|Utils?|Helper|Manager))");

  private static ArchCondition<JavaClass> onlyUseLowerFloors() {
    return new ArchCondition<>("only use lower floors") {
      @Override
      public void check(JavaClass origin, ConditionEvents events) {
        Integer floor = FLOORS.get(origin.getPackageName());
        if (floor == null) {
          events.add(
              SimpleConditionEvent.violated(
                  origin, "package " + origin.getPackageName() + " has no floor"));
          return;
        }
        for (Dependency dependency : origin.getDirectDependenciesFromSelf()) {
          String target = dependency.getTargetClass().getPackageName();
          boolean ours = target.equals(ROOT) || target.startsWith(ROOT + ".");
          if (ours
              && !target.equals(origin.getPackageName())
              && FLOORS.getOrDefault(target, Integer.MAX_VALUE) >= floor) {
            events.add(SimpleConditionEvent.violated(origin, dependency.getDescription()));
          }
        }
      }
    };
  }
}
