package io.atrous;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.OnlyIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import io.atrous.bench.ServiceBench;
import io.atrous.chaos.Chaos;
import io.atrous.demo.Demo;
import io.atrous.embedded.EmbeddedKafka;
import io.atrous.process.ChildJvm;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Tag;

/** Tests that start a broker or a JVM say so: {@code ./mvnw test -Pquick} leaves them out. */
@AnalyzeClasses(packages = "io.atrous", importOptions = OnlyIncludeTests.class)
final class SlowTagTest {

  private static final String SLOW = "slow";

  private static final Set<String> STARTERS =
      Set.of(
          EmbeddedKafka.class.getName(),
          ChildJvm.class.getName(),
          Demo.class.getName(),
          Chaos.class.getName(),
          ServiceBench.class.getName());

  @ArchTest
  static final ArchRule testsThatStartABrokerOrAJvmAreTagged =
      ArchRuleDefinition.classes()
          .that()
          .areTopLevelClasses()
          .and()
          .haveSimpleNameEndingWith("Test")
          .and()
          .doNotBelongToAnyOf(SlowTagTest.class)
          .and(DescribedPredicate.describe("are not tagged slow", type -> !isSlow(type)))
          .should(startNeitherBrokerNorJvm());

  private static boolean isSlow(JavaClass type) {
    return type.tryGetAnnotationOfType(Tag.class)
        .map(tag -> tag.value().equals(SLOW))
        .orElse(false);
  }

  /** By itself, its nested classes or the helpers among the tests. */
  private static ArchCondition<JavaClass> startNeitherBrokerNorJvm() {
    return new ArchCondition<>("start neither broker nor JVM") {
      @Override
      public void check(JavaClass test, ConditionEvents events) {
        Set<JavaClass> seen = new HashSet<>(Set.of(test));
        Deque<JavaClass> open = new ArrayDeque<>(seen);
        while (!open.isEmpty()) {
          JavaClass type = open.remove();
          for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
            JavaClass target = dependency.getTargetClass();
            if (STARTERS.contains(target.getName())) {
              events.add(SimpleConditionEvent.violated(test, dependency.getDescription()));
            } else if (isATest(target) && seen.add(target)) {
              open.add(target);
            }
          }
        }
      }
    };
  }

  private static boolean isATest(JavaClass type) {
    return type.getSource()
        .map(source -> source.getUri().toString().contains("/test-classes/"))
        .orElse(false);
  }
}
