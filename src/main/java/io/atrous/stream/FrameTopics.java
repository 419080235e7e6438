package io.atrous.stream;

import java.util.Collection;
import java.util.Set;
import java.util.regex.Pattern;

/** The topics frames are read from. */
public sealed interface FrameTopics {

  /** Whether frames are read from a topic. */
  boolean contains(String topic);

  /** Topics by name. */
  static FrameTopics named(Collection<String> names) {
    return new Named(Set.copyOf(names));
  }

  /**
   * All topics whose whole name matches, new ones included; not with {@code
   * group.protocol=streams}.
   */
  static FrameTopics matching(Pattern pattern) {
    return new Matching(pattern);
  }

  /** Topics by name. */
  record Named(Set<String> names) implements FrameTopics {

    public Named {
      names = Set.copyOf(names);
      if (names.isEmpty()) {
        throw new IllegalArgumentException("There is no topic to read frames from");
      }
    }

    @Override
    public boolean contains(String topic) {
      return names.contains(topic);
    }
  }

  /** Topics by pattern. */
  record Matching(Pattern pattern) implements FrameTopics {

    @Override
    public boolean contains(String topic) {
      return pattern.matcher(topic).matches();
    }
  }
}
