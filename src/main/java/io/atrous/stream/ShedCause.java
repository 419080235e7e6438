package io.atrous.stream;

/** Why a frame was shed; never because anything was wrong with it. */
public enum ShedCause {
  TOO_OLD_ON_ARRIVAL("the frame was too old when it came"),
  TOO_OLD_WHILE_WAITING("the frame became too old while it waited for the device"),
  SUPERSEDED("a newer frame of its camera came while it waited");

  private final String sentence;

  ShedCause(String sentence) {
    this.sentence = sentence;
  }

  /** For people. */
  String sentence() {
    return sentence;
  }
}
