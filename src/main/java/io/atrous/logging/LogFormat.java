package io.atrous.logging;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import ch.qos.logback.core.joran.spi.JoranException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;

/** The form of log lines. {@code logback.xml} reads it from the {@linkplain #PROPERTY property}. */
public enum LogFormat {
  /** Lines for people. */
  TEXT,
  /** One JSON object a line, as {@link JsonEncoder} writes it. */
  JSON;

  /** The system property that says the form in this JVM. */
  public static final String PROPERTY = "atrous.log.format";

  /** The variable that says it to all JVMs, where the property isn't set. */
  public static final String VARIABLE = "ATROUS_LOG_FORMAT";

  /** Returns the word of the form in settings. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Finds the form in which this JVM begins to log.
   *
   * @param property value of the property; null if it isn't set
   * @param variable value of the variable; null if it isn't set
   * @throws ConfigException in a sentence, if that is no form
   */
  public static LogFormat atStart(@Nullable String property, @Nullable String variable) {
    if (property != null) {
      return of(PROPERTY, property);
    }
    return variable == null ? TEXT : of(VARIABLE, variable);
  }

  private static LogFormat of(String name, String word) {
    return Arrays.stream(values())
        .filter(format -> format.word().equals(word))
        .findFirst()
        .orElseThrow(
            () -> new ConfigException("'%s' is '%s'; it can be %s".formatted(name, word, words())));
  }

  private static String words() {
    return Arrays.stream(values()).map(LogFormat::word).collect(Collectors.joining(" or "));
  }

  /** Has this JVM, and those that it starts, log in this form from now on. */
  public void use() {
    if (word().equals(System.getProperty(PROPERTY))) {
      return;
    }
    System.setProperty(PROPERTY, word());
    ILoggerFactory loggers = LoggerFactory.getILoggerFactory();
    if (loggers instanceof LoggerContext context) {
      context.reset();
      try {
        new ContextInitializer(context).autoConfig();
      } catch (JoranException e) {
        throw new IllegalStateException("the configuration of logs in the jar is damaged", e);
      }
    }
  }
}
