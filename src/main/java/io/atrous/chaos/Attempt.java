package io.atrous.chaos;

/**
 * One attempt of the service at one frame: the events that carry both ids are one set.
 *
 * @param outcomeId the frame's position
 * @param attemptId the run of a task that tried
 */
public record Attempt(String outcomeId, String attemptId) {

  @Override
  public String toString() {
    return outcomeId + " (attempt " + attemptId + ")";
  }
}
