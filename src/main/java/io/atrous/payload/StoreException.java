package io.atrous.payload;

/** A payload can't be had from its store. */
final class StoreException extends Exception {

  private static final long serialVersionUID = 1L;

  private final boolean passing;

  private StoreException(String message, boolean passing) {
    super(message, null, false, false);
    this.passing = passing;
  }

  /**
   * Trying again may help.
   *
   * @param message why, in words that hold nothing of the URI
   */
  static StoreException passing(String message) {
    return new StoreException(message, true);
  }

  /**
   * Trying again won't help.
   *
   * @param message why, in words that hold nothing of the URI
   */
  static StoreException lasting(String message) {
    return new StoreException(message, false);
  }

  /** By HTTP's meaning of a status that isn't success. */
  static StoreException ofStatus(int status) {
    if (status >= 300 && status < 400) {
      return lasting("it redirects (status " + status + "), which isn't followed");
    }
    String message = "status " + status;
    return status == 408 || status == 429 || status >= 500 ? passing(message) : lasting(message);
  }

  /** The connection failed; only the kind is told, as messages of libraries may quote URIs. */
  static StoreException ofConnection(Exception cause) {
    return passing("the connection failed (" + cause.getClass().getSimpleName() + ")");
  }

  static StoreException late() {
    return passing("no whole answer in time");
  }

  /** Returns whether trying again may help. */
  boolean isPassing() {
    return passing;
  }
}
