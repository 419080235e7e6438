package io.atrous.cli;

import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;

/** Has help show the defaults of options as one would write them: {@code 1,4}, {@code fp32}. */
final class WrittenDefaults implements IDefaultValueProvider {

  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    Object value = argument.initialValue();
    if (value instanceof Enum<?>) {
      return written(value);
    }
    return value instanceof Collection<?> several && !several.isEmpty()
        ? several.stream().map(WrittenDefaults::written).collect(Collectors.joining(","))
        : null;
  }

  private static String written(Object value) {
    return value instanceof Enum<?> constant
        ? constant.name().toLowerCase(Locale.ROOT)
        : value.toString();
  }
}
