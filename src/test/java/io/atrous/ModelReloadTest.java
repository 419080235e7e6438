package io.atrous;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.atrous.inference.BlankEngine;
import io.atrous.inference.ScriptedBackend;
import io.atrous.inference.SegmentationEngine;
import io.atrous.model.ModelFile;
import io.atrous.model.NetworkSpec;
import io.atrous.model.Quantization;
import io.atrous.model.StorageType;
import io.atrous.network.RandomModels;
import io.atrous.settings.ServiceConfig;
import io.atrous.stream.ModelSwitch;
import io.atrous.stream.ServedModel;
import io.atrous.tracing.FrameTracer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@Timeout(60)
final class ModelReloadTest {

  private static final int SIDE = 32;

  @TempDir Path directory;

  private final AtomicInteger closed = new AtomicInteger();
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final Semaphore starting = new Semaphore(0);
  private final Semaphore mayStart = new Semaphore(1);
  private final Logger log = (Logger) LoggerFactory.getLogger(ModelReload.class);
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          lines.add(event.getFormattedMessage());
        }
      };
  private boolean startFails;
  private ServedModel first;
  private ModelSwitch models;
  private ModelReload reload;

  private final ServiceMetrics metrics = new ServiceMetrics(FrameTracer.OFF);

  @BeforeEach
  void serveTheFirstModel() throws IOException {
    log.setLevel(Level.INFO);
    log.addAppender(appender);
    appender.start();
    put(0);
    ModelLoader loader =
        new ModelLoader(
            ServiceConfig.of(
                Map.of(
                    "application.id", "a",
                    "bootstrap.servers", "localhost:1",
                    "schema.registry.url", "http://localhost",
                    "frames.topics", "frames",
                    "inference.device", "cpu",
                    "model.file", directory.resolve("model").toString())),
            new ScriptedBackend(0, (model, settings) -> engine(settings.maxBatchSize())),
            metrics.inference());
    first = loader.load(loader.open());
    starting.drainPermits();
    models = new ModelSwitch(first);
    reload = new ModelReload(loader, models, metrics, () -> true);
  }

  @AfterEach
  void close() {
    reload.close();
    models.close();
    log.detachAppender(appender);
    log.setLevel(null);
  }

  @Test
  void aModelThatCanNotStartLeavesTheOldOne() throws Exception {
    put(1);
    startFails = true;
    mayStart.release();

    reload.request();

    assertThat(lines.take()).contains("random 1").contains("goes on serving: no such device");
    assertThat(models.current()).isSameAs(first);
    assertThat(closed).hasValue(0);
  }

  @Test
  void aModelThatWasNeverTrainedLeavesTheOldOne() throws Exception {
    ModelFile model = ModelFile.open(directory.resolve("model"));
    ModelFile.write(
        directory.resolve("start"),
        model.spec(),
        model.network(),
        RandomModels.tensors(model.network(), 1),
        StorageType.F32,
        17);
    Files.move(
        directory.resolve("start"),
        directory.resolve("model"),
        StandardCopyOption.REPLACE_EXISTING);

    reload.request();

    assertThat(lines.take()).contains("has 17 untrained tensors").contains("model.untrained=true");
    assertThat(models.current()).isSameAs(first);
  }

  @Test
  void theSameFileChangesNothing() throws Exception {
    reload.request();

    assertThat(lines.take()).contains("is the one that is served");
    assertThat(models.current()).isSameAs(first);
  }

  @Test
  void theSameWeightsWithAnotherCalibrationAreAnotherModel() throws Exception {
    ModelFile model = ModelFile.open(directory.resolve("model"));
    model
        .with(new Quantization(Map.of("conv1", 0.5f), Map.of(), Quantization.Accuracy.UNMEASURED))
        .write(directory.resolve("calibrated"));
    Files.move(
        directory.resolve("calibrated"),
        directory.resolve("model"),
        StandardCopyOption.REPLACE_EXISTING);
    mayStart.release();

    reload.request();
    assertThat(lines.take()).contains("From now on");
    reload.request();
    assertThat(lines.take()).contains("is the one that is served");

    assertThat(models.current()).isNotSameAs(first);
  }

  @Test
  void requestsDuringAReloadAreOneFurtherReload() throws Exception {
    put(1);
    reload.request();
    starting.acquire();

    for (int i = 0; i < 5; i++) {
      reload.request();
    }
    mayStart.release();

    assertThat(lines.take()).contains("From now on");
    assertThat(lines.take()).contains("is the one that is served");
    assertThat(closed).hasValue(1);
    reload.close();
    assertThat(lines).isEmpty();
    assertThat(models.current()).isNotSameAs(first);
  }

  private void put(long seed) throws IOException {
    ModelFile model =
        RandomModels.write(
            directory,
            NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 4, 16, 8, 3),
            SIDE,
            SIDE,
            seed);
    Files.move(
        Path.of(model.origin()), directory.resolve("model"), StandardCopyOption.REPLACE_EXISTING);
  }

  private SegmentationEngine engine(int maxBatchSize) {
    starting.release();
    mayStart.acquireUninterruptibly();
    if (startFails) {
      throw new IllegalStateException("no such device");
    }
    return new BlankEngine(SIDE, maxBatchSize) {
      @Override
      public void close() {
        closed.incrementAndGet();
      }
    };
  }
}
