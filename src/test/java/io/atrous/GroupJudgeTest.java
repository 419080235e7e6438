package io.atrous;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.ConsumerGroup.Member;
import io.atrous.GroupConflict.AtStart;
import io.atrous.settings.ServiceConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.GroupType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GroupJudgeTest {

  private static final long STARTED_MILLIS = 1_000;
  private static final String STREAM = ConsumerGroup.STREAMS_ASSIGNOR;

  private static ServiceConfig config(String... more) {
    Map<String, String> settings =
        new HashMap<>(
            Map.of(
                "application.id", "cams",
                "bootstrap.servers", "localhost:1",
                "schema.registry.url", "http://localhost",
                "frames.topics", "a,b",
                "model.file", "model"));
    for (String setting : more) {
      String[] parts = setting.split("=", 2);
      settings.put(parts[0], parts[1]);
    }
    if (settings.containsKey("frames.topics.pattern")) {
      settings.remove("frames.topics");
    }
    return ServiceConfig.of(settings);
  }

  private static GroupJudge judge(String... more) {
    ServiceConfig config = config(more);
    return new GroupJudge(config, MemberName.of(config, "run", STARTED_MILLIS));
  }

  private static ConsumerGroup group(GroupType type, String assignor, Member... members) {
    return new ConsumerGroup(type, assignor, Set.of(), List.of(members), Set.of());
  }

  private static Member instance(ServiceConfig config, long startMillis, String... topics) {
    return new Member(
        MemberName.of(config, "other", startMillis).clientId() + "-StreamThread-1-consumer",
        "/10.0.0.1",
        Set.of(topics));
  }

  private static Member stranger() {
    return new Member("else-1", "/10.0.0.2", Set.of());
  }

  /** A member of another application of Kafka Streams. */
  private static Member streamsStranger(String... topics) {
    return new Member("else-StreamThread-1-consumer", "/10.0.0.2", Set.of(topics));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "frames.topics=b, a",
        "streams.client.id=mine",
        "processing.guarantee=at_least_once",
        "stream.threads=7",
        "model.file=elsewhere"
      })
  void anInstanceWithTheSameTopicsBelongsToTheGroupWhateverElseItIsTold(String setting) {
    assertThat(
            judge().judge(group(GroupType.CLASSIC, STREAM, instance(config(setting), 2_000, "a"))))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "frames.topics=a",
        "frames.topics=a,b,c",
        "frames.topics.pattern=a|b",
        "masks.topic=elsewhere",
        "dead.letters.topic=elsewhere"
      })
  void anInstanceWithOtherTopicsIsNamedAndTheOneThatStartedLastCounts(String setting) {
    for (String assignor : List.of(STREAM, "")) {
      GroupConflict older = conflict(assignor, instance(config(setting), 999, "a"));
      assertThat(older.sentence())
          .contains("'application.id' = cams", "client 'cams-other-topics", "at /10.0.0.1")
          .doesNotContain("StreamThread");
      assertThat(older.atStart()).isEqualTo(AtStart.JOIN);
      assertThat(older.overrules()).isFalse();

      assertThat(conflict(assignor, instance(config(setting), 2_000, "a")).overrules()).isTrue();
    }
  }

  private static GroupConflict conflict(String assignor, Member member) {
    return judge()
        .judge(group(GroupType.CLASSIC, assignor, instance(config(), 1, "b"), member))
        .orElseThrow();
  }

  @Test
  void othersThatReadOtherTopicsOnlyAreCertainlyAnotherService() {
    ServiceConfig other = config("frames.topics=x,y");

    // It may have ended, and Streams' members don't leave.
    assertThat(conflict(STREAM, instance(other, 999, "x")).atStart()).isEqualTo(AtStart.WAIT);
    assertThat(conflict(STREAM, streamsStranger("x")).atStart()).isEqualTo(AtStart.WAIT);
    assertThat(conflict(STREAM, instance(other, 999, "x")).overrules()).isTrue();
    // Where it has no partitions yet, nobody knows.
    assertThat(conflict("", instance(other, 999)).atStart()).isEqualTo(AtStart.JOIN);
  }

  @Test
  void anUpdateThatAddsTopicsIsNotCertain() {
    ServiceConfig more = config("frames.topics=a,b,c");
    ConsumerGroup group =
        group(GroupType.CLASSIC, STREAM, instance(more, 999, "c"), instance(more, 999, "a"));

    assertThat(judge().judge(group).orElseThrow().atStart()).isEqualTo(AtStart.JOIN);
  }

  @Test
  void anotherStreamsApplicationOverrulesWheneverItStarted() {
    assertThat(conflict(STREAM, streamsStranger("a")).overrules()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "classic, CLASSIC, range",
    "classic, CLASSIC, cooperative-sticky",
    "classic, CONSUMER, uniform",
    "classic, STREAMS, ''",
    "classic, SHARE, ''",
    "streams, CLASSIC, stream",
    "streams, CLASSIC, ''",
    "streams, CONSUMER, uniform",
    "streams, SHARE, ''",
  })
  void aGroupOfAnotherKindIsCertain(String protocol, GroupType type, String assignor) {
    GroupConflict conflict =
        judge("streams.group.protocol=" + protocol)
            .judge(group(type, assignor, stranger()))
            .orElseThrow();

    assertThat(conflict.atStart()).isEqualTo(AtStart.GIVE_UP);
    assertThat(conflict.sentence())
        .startsWith("The consumer group 'application.id' = cams is of another kind (" + type)
        .contains(assignor, "client 'else-1' at /10.0.0.2");
  }

  @ParameterizedTest
  @CsvSource({
    "classic, CLASSIC, false",
    "classic, CONSUMER, false",
    "classic, STREAMS, false",
    "classic, SHARE, true",
    "streams, CLASSIC, false",
    "streams, CONSUMER, true",
    "streams, SHARE, true",
  })
  void anEmptyGroupIsInTheWayOnlyIfBrokersWouldNotTurnItIntoOurs(
      String protocol, GroupType type, boolean inTheWay) {
    assertThat(judge("streams.group.protocol=" + protocol).judge(group(type, "")))
        .matches(conflict -> conflict.isPresent() == inTheWay);
  }

  @Test
  void instancesOfAnotherGroupProtocolMayHaveEnded() {
    ConsumerGroup group = group(GroupType.CLASSIC, STREAM, instance(config(), 1, "a"));

    assertThat(judge("streams.group.protocol=streams").judge(group).orElseThrow().atStart())
        .isEqualTo(AtStart.WAIT);
  }

  @Test
  void aStreamsGroupThatWasMadeForOtherTopicsIsCertainEvenIfItIsEmpty() {
    GroupJudge judge = judge("streams.group.protocol=streams");

    Optional<GroupConflict> conflict =
        judge.judge(new ConsumerGroup(GroupType.STREAMS, "", Set.of("a"), List.of(), Set.of()));

    assertThat(conflict.orElseThrow().atStart()).isEqualTo(AtStart.GIVE_UP);
    assertThat(conflict.orElseThrow().sentence())
        .contains("'application.id' = cams", "'frames.topics'", "delete the group");
    assertThat(
            judge.judge(
                new ConsumerGroup(GroupType.STREAMS, "", Set.of("b", "a"), List.of(), Set.of())))
        .isEmpty();
  }

  @Test
  void aGroupOfNoConsumersIsCertain() {
    assertThat(judge().judge(group(GroupType.UNKNOWN, "")).orElseThrow().atStart())
        .isEqualTo(AtStart.GIVE_UP);
  }

  @Test
  void ofManyMembersSomeAreNamedAndNothingOfTheirsCommandsATerminal() {
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      members.add(new Member("\u001b[2J" + i, "/h", Set.of("a")));
    }

    String sentence =
        judge()
            .judge(new ConsumerGroup(GroupType.CLASSIC, STREAM, Set.of(), members, Set.of()))
            .orElseThrow()
            .sentence();

    assertThat(sentence).contains("and 6 more").doesNotContain("\u001b");
  }

  @Test
  void aNameIsFoundInTheIdsThatStreamsMakesOfIt() {
    MemberName name = MemberName.of(config("streams.client.id=north-topics1-2"), "run", 17);

    assertThat(MemberName.in(name.clientId())).contains(name);
    assertThat(MemberName.in(name.clientId() + "-StreamThread-12-consumer")).contains(name);
    assertThat(MemberName.in("north-StreamThread-12-consumer")).isEmpty();
    assertThat(name.base()).isEqualTo("north-topics1-2");
  }
}
