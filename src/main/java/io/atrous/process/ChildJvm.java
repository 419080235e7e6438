package io.atrous.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Commands that start JVMs beside this one: of the same Java, with the same classes and the same
 * {@link CacheDirectory}.
 */
public final class ChildJvm {

  private ChildJvm() {}

  /**
   * One to be started. The class path is in its environment: lists of processes stay readable.
   *
   * @param options of the JVM
   * @param main whose main method it runs
   */
  public static ProcessBuilder running(
      Class<?> main, List<String> options, List<String> arguments) {
    return running(System.getProperty("java.class.path"), main, options, arguments);
  }

  /**
   * As {@link #running(Class, List, List)}, with other classes.
   *
   * @param classPath of the JVM
   */
  public static ProcessBuilder running(
      String classPath, Class<?> main, List<String> options, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add(main.getName());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("CLASSPATH", classPath);
    builder.environment().put(CacheDirectory.VARIABLE, CacheDirectory.current().path().toString());
    return builder;
  }
}
