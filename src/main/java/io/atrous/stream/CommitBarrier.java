package io.atrous.stream;

import java.util.Map;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.processor.internals.InternalProcessorContext;
import org.apache.kafka.streams.processor.internals.ProcessorNode;
import org.apache.kafka.streams.processor.internals.ProcessorRecordContext;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;
import org.jspecify.annotations.Nullable;

/**
 * Makes every commit of a task wait until the task's frames in flight have been answered.
 *
 * <p><b>Threading:</b> confined to the task's stream thread. Belongs to the task, which builds it
 * once and initialises it anew whenever the task is revived.
 *
 * <p><b>Implementation.</b> Kafka Streams commits every record that has been passed to {@code
 * process}, whether or not its outcome has been forwarded, and has no public way to make it wait.
 * But its own record caches have the same problem, and the same solution serves here. {@code
 * StreamTask.prepareCommit} does, in this order and always on the stream thread:
 *
 * <ol>
 *   <li>{@code flushCache()} on each store that is a {@code CachedStateStore}: <em>this class</em>;
 *       what is forwarded here is part of the commit,
 *   <li>flush of the producer: what was forwarded is acknowledged, or the commit fails,
 *   <li>the offsets to commit are taken.
 * </ol>
 *
 * <p>Then offsets are committed, in the transaction under exactly-once; and only then, and not on
 * every commit, are stores flushed and committed: {@code StateStore.flush} and {@code commit} come
 * too late for this. The hook runs on periodic commits, on revocation and on clean close, and also
 * on dirty close, where nothing is committed and an exception is logged. An exception anywhere else
 * fails the task, as it must.
 *
 * <p>It is called outside of any processor, so Streams knows neither a current node nor a current
 * record; {@link #forward} sets both, for the frame whose outcome it is, or sinks would see the
 * timestamp and headers of another record or none at all.
 *
 * <p>The store holds nothing, has no changelog, and is the one class that uses internals of Kafka
 * Streams. The held-engine contract tests guard it on every upgrade of Kafka.
 */
final class CommitBarrier implements StateStore, CachedStateStore<byte[], byte[]> {

  static final String NAME = "commit-barrier";

  private boolean open;
  private @Nullable Runnable drain;
  private @Nullable InternalProcessorContext<byte[], byte[]> context;
  private @Nullable ProcessorNode<?, ?, ?, ?> node;

  private CommitBarrier() {}

  static StoreBuilder<CommitBarrier> builder() {
    return new Builder();
  }

  /**
   * Attaches the processor whose frames commits wait for; called from its {@code init}.
   *
   * @param drain forwards every frame in flight, or throws
   */
  void guard(ProcessorContext<byte[], byte[]> processorContext, Runnable drain) {
    this.context = (InternalProcessorContext<byte[], byte[]>) processorContext;
    this.node = context.currentNode();
    this.drain = drain;
  }

  /**
   * Forwards a record as the result of a source record, which need not be the current one.
   *
   * @param source as {@link ProcessorContext#recordMetadata} gave it while it was current
   */
  void forward(RecordMetadata source, Record<byte[], byte[]> result, String child) {
    InternalProcessorContext<byte[], byte[]> target = context;
    if (target == null) {
      throw new IllegalStateException("The commit barrier guards no processor");
    }
    ProcessorNode<?, ?, ?, ?> currentNode = target.currentNode();
    ProcessorRecordContext currentRecord = target.recordContext();
    target.setCurrentNode(node);
    target.setRecordContext((ProcessorRecordContext) source);
    try {
      target.forward(result, child);
    } finally {
      target.setCurrentNode(currentNode);
      target.setRecordContext(currentRecord);
    }
  }

  @Override
  public void flushCache() {
    if (drain != null) {
      drain.run();
    }
  }

  @Override
  public void init(StateStoreContext storeContext, StateStore root) {
    // Also when a task is revived: what the processor of its earlier life left is not waited for.
    drain = null;
    storeContext.register(
        root,
        (key, value) -> {
          throw new IllegalStateException("The commit barrier has no changelog to restore");
        });
    open = true;
  }

  @Override
  public void close() {
    open = false;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public boolean persistent() {
    return false;
  }

  @Override
  @SuppressWarnings("deprecation") // As Streams still asks: there are no offsets to keep.
  public boolean managesOffsets() {
    return true;
  }

  @Override
  public boolean setFlushListener(
      CacheFlushListener<byte[], byte[]> listener, boolean sendOldValues) {
    return false;
  }

  @Override
  public void clearCache() {
    // Called for stores that are restored from a changelog; there is nothing to clear.
  }

  private static final class Builder implements StoreBuilder<CommitBarrier> {

    @Override
    public CommitBarrier build() {
      return new CommitBarrier();
    }

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public boolean loggingEnabled() {
      return false;
    }

    @Override
    public Map<String, String> logConfig() {
      return Map.of();
    }

    @Override
    public StoreBuilder<CommitBarrier> withCachingEnabled() {
      return this;
    }

    @Override
    public StoreBuilder<CommitBarrier> withCachingDisabled() {
      return this;
    }

    @Override
    public StoreBuilder<CommitBarrier> withLoggingEnabled(Map<String, String> config) {
      throw new UnsupportedOperationException("The commit barrier has nothing to log");
    }

    @Override
    public StoreBuilder<CommitBarrier> withLoggingDisabled() {
      return this;
    }
  }
}
