package io.atrous.stream;

import io.atrous.tracing.FrameTrace;
import io.atrous.tracing.Stage;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Keeps what is told of a frame, in words and in its order. */
final class RecordedTrace implements FrameTrace {

  final List<String> told = new CopyOnWriteArrayList<>();

  @Override
  public @Nullable String id() {
    return null;
  }

  @Override
  public List<Header> headers() {
    return List.of();
  }

  @Override
  public void isOf(String camera) {
    told.add("camera " + camera);
  }

  @Override
  public void isRead(String frameId) {
    told.add("frame " + frameId);
  }

  @Override
  public void ran(Stage stage, long startNanos, long endNanos) {
    told.add(startNanos <= endNanos ? stage.label() : stage.label() + " backwards");
  }

  @Override
  public void isWritten(String outcome, String reason, long nowNanos) {
    told.add("written " + outcome);
  }

  @Override
  public void fails(Throwable failure) {
    told.add("fails: " + failure.getMessage());
  }

  @Override
  public void isGivenUp() {
    told.add("given up");
  }
}
