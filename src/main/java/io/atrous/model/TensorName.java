package io.atrous.model;

/** Checks the names of tensors, so that a message that names one stays one sentence. */
public final class TensorName {

  private static final int MAX_LENGTH = 512;

  private TensorName() {}

  /** Returns whether a name is not empty, not long, and without control characters. */
  public static boolean isUsable(String name) {
    return !name.isEmpty()
        && name.length() <= MAX_LENGTH
        && name.chars().noneMatch(Character::isISOControl);
  }
}
