package io.atrous;

import io.atrous.ConsumerGroup.Member;
import io.atrous.GroupConflict.AtStart;
import io.atrous.event.UntrustedText;
import io.atrous.settings.KafkaKeys;
import io.atrous.settings.TopicKeys;
import io.atrous.stream.FrameTopics;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.config.AbstractConfig;

/**
 * Tells whether a consumer group is this service's alone. Members that are not instances with the
 * same topics are in conflict with it: Streams has one member assign partitions to all, by the
 * topics that this one knows.
 *
 * <p>An update of one instance after another, which adds topics, looks like such a conflict for a
 * while. So the instance that started last counts: the older ones give way.
 *
 * <p><b>Threading:</b> immutable.
 */
final class GroupJudge {

  private static final int MAX_NAMED_MEMBERS = 3;
  private static final String STOP_OTHERS = "stop the others";
  private static final String STREAM_THREAD = "-StreamThread-";

  private final String groupId;
  private final boolean streamsProtocol;
  private final FrameTopics frames;
  private final MemberName own;

  /**
   * A judge for an instance.
   *
   * @param own the instance's name
   */
  GroupJudge(AbstractConfig config, MemberName own) {
    this.groupId = config.getString(KafkaKeys.APPLICATION_ID);
    this.streamsProtocol = KafkaKeys.usesStreamsProtocol(config);
    this.frames = TopicKeys.frames(config);
    this.own = own;
  }

  /** The group's name. */
  String groupId() {
    return groupId;
  }

  /** The conflict, if there is one. */
  Optional<GroupConflict> judge(ConsumerGroup group) {
    if (isOfAnotherKind(group)) {
      return Optional.of(
          new GroupConflict(
              sentence(
                  "is of another kind (%s)".formatted(kind(group)),
                  group.members().isEmpty() ? "delete the group by Kafka's tools" : STOP_OTHERS),
              orWaitFor(group.members()),
              true));
    }
    if (hasAnotherTopology(group)) {
      return Optional.of(
          new GroupConflict(
              sentence(
                  "has been made for the topics %s by '%sgroup.protocol' = streams, and '%s' names others"
                      .formatted(
                          String.join(", ", new TreeSet<>(group.topologyTopics())),
                          KafkaKeys.STREAMS_PREFIX,
                          TopicKeys.FRAMES_TOPICS),
                  STOP_OTHERS + " and delete the group, with its offsets, by Kafka's tools"),
              AtStart.GIVE_UP,
              true));
    }
    List<Member> others = group.members().stream().filter(this::isOther).toList();
    if (others.isEmpty()) {
      return Optional.empty();
    }
    boolean anotherService = readNoneOfTheFrames(others);
    return Optional.of(
        new GroupConflict(
            sentence(
                "has members that are no instances with the same topics (%s), so that frames of"
                        .formatted(named(others))
                    + " some topics may have no outcome",
                STOP_OTHERS),
            anotherService ? orWaitFor(others) : AtStart.JOIN,
            anotherService || others.stream().anyMatch(this::overrules)));
  }

  /**
   * Kafka Streams' members don't leave when they end; the group counts them until their session is
   * over. Other consumers leave.
   */
  private static AtStart orWaitFor(List<Member> members) {
    boolean mayHaveEnded =
        !members.isEmpty()
            && members.stream().allMatch(member -> member.clientId().contains(STREAM_THREAD));
    return mayHaveEnded ? AtStart.WAIT : AtStart.GIVE_UP;
  }

  private String sentence(String what, String otherRemedy) {
    return "The consumer group '%1$s' = %2$s %3$s; give each service an '%1$s' of its own, or %4$s"
        .formatted(KafkaKeys.APPLICATION_ID, groupId, what, otherRemedy);
  }

  /** Returns whether brokers let no instance of this configuration in. */
  private boolean isOfAnotherKind(ConsumerGroup group) {
    boolean empty = group.members().isEmpty();
    return switch (group.type()) {
      case CLASSIC -> !empty && (streamsProtocol || !mayBeOfStreams(group.assignor()));
      case STREAMS -> !empty && !streamsProtocol;
      case CONSUMER -> !empty || streamsProtocol;
      case SHARE, UNKNOWN -> true;
    };
  }

  private static boolean mayBeOfStreams(String assignor) {
    return assignor.isEmpty() || assignor.equals(ConsumerGroup.STREAMS_ASSIGNOR);
  }

  private static String kind(ConsumerGroup group) {
    String assignor =
        group.assignor().isEmpty() ? "" : ", with the assignor '%s'".formatted(group.assignor());
    return group.type()
        + assignor
        + (group.members().isEmpty() ? "" : ": " + named(group.members()));
  }

  /** Returns whether brokers let no instance in, because they have fixed the group's topics. */
  private boolean hasAnotherTopology(ConsumerGroup group) {
    return group.type() == GroupType.STREAMS
        && streamsProtocol
        && !group.topologyTopics().isEmpty()
        && !(frames instanceof FrameTopics.Named named
            && named.names().equals(group.topologyTopics()));
  }

  private boolean isOther(Member member) {
    return MemberName.in(member.clientId())
        .filter(name -> name.topicsDigest().equals(own.topicsDigest()))
        .isEmpty();
  }

  private boolean overrules(Member member) {
    return MemberName.in(member.clientId())
        .map(name -> name.startMillis() >= own.startMillis())
        .orElse(true);
  }

  /** Returns whether others have partitions, but none of this instance's topics. */
  private boolean readNoneOfTheFrames(List<Member> others) {
    Set<String> topics =
        others.stream().flatMap(member -> member.topics().stream()).collect(Collectors.toSet());
    return !topics.isEmpty() && topics.stream().noneMatch(frames::contains);
  }

  private static String named(List<Member> members) {
    List<String> named =
        members.stream()
            .map(
                member ->
                    "client '%s' at %s"
                        .formatted(
                            MemberName.in(member.clientId())
                                .map(MemberName::clientId)
                                .orElse(member.clientId()),
                            member.host()))
            .map(UntrustedText::oneLine)
            .distinct()
            .sorted()
            .toList();
    String first = String.join(", ", named.subList(0, Math.min(MAX_NAMED_MEMBERS, named.size())));
    int more = named.size() - MAX_NAMED_MEMBERS;
    return more > 0 ? first + " and %d more".formatted(more) : first;
  }
}
