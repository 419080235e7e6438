package io.atrous.inference;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a network runs. */
public sealed interface ExecutionTarget {

  /** The first CUDA device if there is one, else the CPU. */
  record Auto() implements ExecutionTarget {
    @Override
    public String toString() {
      return "auto";
    }
  }

  /** This machine's cores. */
  record Cpu() implements ExecutionTarget {
    @Override
    public String toString() {
      return "cpu";
    }
  }

  /**
   * A CUDA device.
   *
   * @param index as CUDA counts them, from 0
   */
  record Cuda(int index) implements ExecutionTarget {
    public Cuda {
      if (index < 0) {
        throw new IllegalArgumentException("there is no CUDA device " + index);
      }
    }

    @Override
    public String toString() {
      return "cuda:" + index;
    }
  }

  /**
   * The target that a configuration names.
   *
   * @param text {@code auto}, {@code cpu} or {@code cuda:N}
   * @throws IllegalArgumentException if it is none of these
   */
  static ExecutionTarget parse(String text) {
    Matcher cuda = Pattern.compile("cuda:(\\d{1,3})").matcher(text);
    if (text.equals("auto")) {
      return new Auto();
    } else if (text.equals("cpu")) {
      return new Cpu();
    } else if (cuda.matches()) {
      return new Cuda(Integer.parseInt(cuda.group(1)));
    }
    throw new IllegalArgumentException(
        "an execution target is auto, cpu or cuda:N (such as cuda:0), not '" + text + "'");
  }
}
