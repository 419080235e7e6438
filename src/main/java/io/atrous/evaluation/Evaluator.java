package io.atrous.evaluation;

import io.atrous.dataset.DatasetException;
import io.atrous.dataset.LabeledFrame;
import io.atrous.dataset.LabeledFrames;
import io.atrous.evaluation.Evaluation.Compared;
import io.atrous.frame.FrameRejectedException;
import io.atrous.inference.EngineBackend;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.SegmentationEngine;
import io.atrous.model.Model;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Measures models as they serve: frames are read ahead by threads of their own, the service's
 * engine labels one at a time, and other threads compare its masks with the truth.
 *
 * <p>Figures are the same each time on one machine, unless the precision is left to a trial of
 * which is fastest: frames are added up in their order.
 *
 * <p><b>Threading:</b> confined to the calling thread, which waits.
 */
public final class Evaluator {

  /** Hears how far an evaluation is. */
  @FunctionalInterface
  public interface Progress {

    /** Called after each frame, in their order. */
    void measured(int done, int total);
  }

  private final LabeledFrames frames;
  private final Progress progress;
  private final int threads;
  private final ExecutorService lane = Executors.newSingleThreadExecutor();
  private final ExecutorService workers;

  private Evaluator(LabeledFrames frames, int threads, Progress progress) {
    this.frames = frames;
    this.progress = progress;
    this.threads = threads;
    this.workers = Executors.newFixedThreadPool(threads);
  }

  /**
   * Measures a model.
   *
   * @param settings the engine's settings, with confidences
   * @param backend the runtime to run it on
   * @throws DatasetException if a frame can't be used
   * @throws io.atrous.model.ModelFileException if the model can't be used
   * @throws IllegalArgumentException if the settings ask for what is not here
   */
  public static Evaluation evaluate(
      Model model,
      EngineSettings settings,
      TestProtocol protocol,
      LabeledFrames frames,
      EngineBackend backend,
      Progress progress) {
    Evaluator evaluator = new Evaluator(frames, settings.threads(), progress);
    try {
      return evaluator.run(model, settings, protocol, backend);
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw e;
    } finally {
      evaluator.workers.shutdownNow();
      evaluator.lane.shutdownNow();
    }
  }

  private Evaluation run(
      Model model, EngineSettings settings, TestProtocol protocol, EngineBackend backend) {
    SegmentationEngine engine =
        CompletableFuture.supplyAsync(() -> backend.start(model, settings), lane).join();
    try {
      Evaluation evaluation = new Evaluation(model, engine.profile(), protocol);
      addAll(evaluation, protocol.observer(engine, model.spec()));
      return evaluation;
    } finally {
      CompletableFuture.runAsync(engine::close, lane).join();
    }
  }

  private void addAll(Evaluation evaluation, FrameObserver observer) {
    int classes = evaluation.matrix().classes();
    Deque<CompletableFuture<Compared>> ahead = new ArrayDeque<>();
    int begun = 0;
    for (int index = 0; index < frames.size(); index++) {
      while (begun < frames.size() && ahead.size() < threads + 2) {
        int next = begun++;
        ahead.add(
            CompletableFuture.supplyAsync(() -> frames.get(next), workers)
                .thenApplyAsync(frame -> observe(observer, next, frame), lane)
                .thenApplyAsync(seen -> Compared.of(seen, classes), workers));
      }
      evaluation.add(frames.name(index), ahead.remove().join());
      progress.measured(index + 1, frames.size());
    }
  }

  private Observation observe(FrameObserver observer, int index, LabeledFrame frame) {
    try {
      return observer.observe(frame);
    } catch (FrameRejectedException e) {
      throw new DatasetException("Cannot use " + frames.name(index) + ": " + e.getMessage(), e);
    }
  }
}
