package io.atrous;

/**
 * A consumer group is not one service's alone.
 *
 * @param sentence says who else is in it, and what to do
 * @param overrules true if the others count more than this instance: they are strangers, another
 *     service's, or instances that started later
 */
record GroupConflict(String sentence, AtStart atStart, boolean overrules) {

  /** The way of an instance that has not joined yet. */
  enum AtStart {
    /** It joins: the others may be instances that an update replaces one after another. */
    JOIN,
    /** It waits for the others to go, since it can't work beside them: they may have ended. */
    WAIT,
    /** It gives up: brokers won't let it in, or strangers are there. */
    GIVE_UP
  }

  @Override
  public String toString() {
    return sentence;
  }
}
