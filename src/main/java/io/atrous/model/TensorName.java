package io.atrous.model;

/** What a tensor may be called, so that a message that names it stays one sentence. */
public final class TensorName {

  private static final int MAX_LENGTH = 512;

  private TensorName() {}

  /** Whether a name is not empty, not long, and without control characters. */
  public static boolean isUsable(String name) {
    return !name.isEmpty()
        && name.length() <= MAX_LENGTH
        && name.chars().noneMatch(Character::isISOControl);
  }
}
