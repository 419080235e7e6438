package io.atrous;

import io.atrous.ServiceMetrics.ReloadResult;
import io.atrous.model.Model;
import io.atrous.stream.ModelSwitch;
import io.atrous.stream.ServedModel;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reloads the model file while the service runs: loads and warms the new model beside the old one,
 * swaps them, and closes the old one after its last frame. A file that can't be served, or whose
 * classes are others, is refused with one log line, and the old model goes on.
 *
 * <p>At most two models are in memory: the next reload begins after the old model is closed.
 *
 * <p><b>Threading:</b> thread-safe; owns one thread, which reloads.
 */
final class ModelReload implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ModelReload.class);

  private final ModelLoader loader;
  private final ModelSwitch models;
  private final ServiceMetrics metrics;
  private final BooleanSupplier serves;
  private final AtomicBoolean requested = new AtomicBoolean();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread made = new Thread(task, "model-reload");
            made.setDaemon(true);
            return made;
          });

  /**
   * @param models holds what serves; stays the caller's
   * @param metrics are told of reloads
   * @param serves tells whether the service goes on; otherwise nothing is reloaded
   */
  ModelReload(
      ModelLoader loader, ModelSwitch models, ServiceMetrics metrics, BooleanSupplier serves) {
    this.loader = loader;
    this.models = models;
    this.metrics = metrics;
    this.serves = serves;
  }

  /** Reloads soon. Requests that come while one waits are one with it. */
  void request() {
    if (requested.compareAndSet(false, true)) {
      try {
        thread.execute(this::reload);
      } catch (RejectedExecutionException closed) {
        LOG.debug("The service stops; its model is not reloaded");
      }
    }
  }

  private void reload() {
    requested.set(false);
    if (!serves.getAsBoolean()) {
      return;
    }
    ServedModel next;
    try {
      Model file = loader.open();
      if (isServed(file)) {
        LOG.info("The model file {} is the one that is served; nothing changes", file.origin());
        metrics.reloadEnded(ReloadResult.UNCHANGED);
        return;
      }
      next = load(file);
    } catch (RuntimeException | Error e) {
      // Error too: a file that shrinks while it is mapped is an InternalError.
      metrics.reloadEnded(ReloadResult.REFUSED);
      LOG.warn(
          "The model is not reloaded, and {} goes on serving: {}",
          describe(models.current()),
          e.getMessage());
      LOG.debug("Why the model is not reloaded", e);
      return;
    }
    swapIn(next);
  }

  private boolean isServed(Model file) {
    ServedModel current = models.current();
    return file.spec().equals(current.spec())
        && file.sha256().equals(current.results().model().getSha256());
  }

  private ServedModel load(Model file) {
    if (!file.spec().classes().equals(models.current().spec().classes())) {
      throw new IllegalArgumentException(
          file.origin() + " has other classes; consumers learn of them only from a new start");
    }
    ServedModel next = loader.load(file);
    try {
      if (!loader.open().sha256().equals(file.sha256())) {
        throw new IllegalStateException(file.origin() + " was written while it was loaded");
      }
      return next;
    } catch (RuntimeException | Error e) {
      next.close();
      throw e;
    }
  }

  private void swapIn(ServedModel next) {
    if (!serves.getAsBoolean()) {
      next.close();
      return;
    }
    LOG.info("From now on frames are labelled by {}", describe(next));
    metrics.reloadEnded(ReloadResult.RELOADED);
    metrics.serves(next);
    try {
      models.replaceBy(next);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String describe(ServedModel model) {
    return "%s %s (sha256 %.12s)"
        .formatted(
            model.spec().name(), model.spec().version(), model.results().model().getSha256());
  }

  /** Ends a reload that runs; a model that is being loaded is closed and not served. */
  @Override
  public void close() {
    thread.shutdownNow();
    try {
      var unused = thread.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
