package io.atrous.live;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.logging.Level;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A real browser without a window, where Debian's Chromium and its driver are installed. */
public final class Chromium implements AutoCloseable {

  private static final Path BROWSER = Path.of("/usr/bin/chromium");
  private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final ChromeDriver driver;

  private Chromium(ChromeDriver driver) {
    this.driver = driver;
  }

  /** Starts it; where it is not installed, the test is skipped. */
  public static Chromium start(Path profile) {
    assumeTrue(
        Files.isExecutable(BROWSER) && Files.isExecutable(DRIVER),
        "Chromium and its driver are not here (apt-get install chromium chromium-driver)");
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    ChromeOptions options = new ChromeOptions();
    options.setBinary(BROWSER.toFile());
    options.setCapability(ChromeOptions.LOGGING_PREFS, logs);
    options.addArguments(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--enable-precise-memory-info",
        "--user-data-dir=" + profile);
    // The driver is named, so that nothing is downloaded.
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(DRIVER.toFile())
            .usingAnyFreePort()
            .withSilent(true)
            .build();
    ChromeDriver driver = new ChromeDriver(service, options);
    driver.manage().timeouts().scriptTimeout(PATIENCE);
    return new Chromium(driver);
  }

  public ChromeDriver driver() {
    return driver;
  }

  /** Sets the page's size in CSS pixels, and whether the system is dark. */
  public void hasScreen(int width, int height, boolean dark) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
  }

  /** Runs JavaScript. */
  public void run(String body, Object... arguments) {
    var unused = driver.executeScript(body, arguments);
  }

  /** Returns what JavaScript returns, which must be of that type. */
  public <T> T value(Class<T> type, String body, Object... arguments) {
    return type.cast(Objects.requireNonNull(driver.executeScript(body, arguments)));
  }

  /** Waits until a condition in JavaScript holds; the page itself looks again and again. */
  public void await(String condition, Object... arguments) {
    Object unused =
        driver.executeAsyncScript(
            """
            const done = arguments[arguments.length - 1];
            const look = () => (%s) ? done() : setTimeout(look, 20);
            look();
            """
                .formatted(condition),
            arguments);
  }

  /** Returns what the browser has complained about since the last call. */
  public List<String> complaints() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .map(LogEntry::getMessage)
        .toList();
  }

  /** Returns figures of the page, after garbage is collected. */
  Map<String, Double> metrics() {
    driver.executeCdpCommand("Performance.enable", Map.of());
    driver.executeCdpCommand("HeapProfiler.collectGarbage", Map.of());
    Map<String, Double> metrics = new HashMap<>();
    Object listed = driver.executeCdpCommand("Performance.getMetrics", Map.of()).get("metrics");
    for (Object metric : (List<?>) Objects.requireNonNull(listed)) {
      if (metric instanceof Map<?, ?> named && named.get("value") instanceof Number value) {
        metrics.put(String.valueOf(named.get("name")), value.doubleValue());
      }
    }
    return metrics;
  }

  @Override
  public void close() {
    driver.quit();
  }
}
