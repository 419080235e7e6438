package io.atrous.tracing;

import java.util.List;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * The trace of all frames that nobody follows.
 *
 * <p><b>Threading:</b> immutable.
 */
final class UntracedFrame implements FrameTrace {

  @Override
  public @Nullable String id() {
    return null;
  }

  @Override
  public List<Header> headers() {
    return List.of();
  }

  @Override
  public void isOf(String camera) {}

  @Override
  public void isRead(String frameId) {}

  @Override
  public void ran(Stage stage, long startNanos, long endNanos) {}

  @Override
  public void isWritten(String outcome, String reason, long nowNanos) {}

  @Override
  public void fails(Throwable failure) {}

  @Override
  public void isGivenUp() {}
}
