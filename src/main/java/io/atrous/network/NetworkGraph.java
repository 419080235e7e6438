package io.atrous.network;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A network as the list of its steps, each after those it reads: what a backend needs that must
 * look ahead, such as at what is read later.
 *
 * <p><b>Threading:</b> confined to whoever records it; not modified afterwards.
 */
public final class NetworkGraph implements Operations<NetworkGraph.Value> {

  /** The result of a step, by the step's place. */
  public record Value(int index) {}

  /** One operation; its result is the {@link Value} of its place. */
  public sealed interface Step {

    /** What it reads. */
    List<Value> operands();
  }

  /** The image. */
  public record Input() implements Step {
    @Override
    public List<Value> operands() {
      return List.of();
    }
  }

  /** See {@link Operations#convolution}. */
  public record Convolution(ConvUnit unit, Value input) implements Step {
    @Override
    public List<Value> operands() {
      return List.of(input);
    }
  }

  /** See {@link Operations#addRelu}. */
  public record AddRelu(Value input, Value residual) implements Step {
    @Override
    public List<Value> operands() {
      return List.of(input, residual);
    }

    /** The other of the two. */
    public Value besides(Value term) {
      return term.equals(input) ? residual : input;
    }
  }

  /** See {@link Operations#maxPool}. */
  public record MaxPool(Value input) implements Step {
    @Override
    public List<Value> operands() {
      return List.of(input);
    }
  }

  /** See {@link Operations#globalAveragePool}. */
  public record GlobalAveragePool(Value input) implements Step {
    @Override
    public List<Value> operands() {
      return List.of(input);
    }
  }

  /** See {@link Operations#resize}. */
  public record Resize(Value input, Value like, boolean alignCorners) implements Step {
    @Override
    public List<Value> operands() {
      return List.of(input, like);
    }
  }

  /** See {@link Operations#concat}. */
  public record Concat(List<Value> inputs) implements Step {
    public Concat {
      inputs = List.copyOf(inputs);
    }

    @Override
    public List<Value> operands() {
      return inputs;
    }
  }

  private final List<Step> steps = new ArrayList<>(List.of(new Input()));

  /** The image, which every graph begins with. */
  public Value input() {
    return new Value(0);
  }

  /** The steps so far, in order. */
  public List<Step> steps() {
    return List.copyOf(steps);
  }

  /**
   * The name of a value, after the convolution that it comes from. No two values of a {@link
   * DeepLabV3Plus} have the same.
   */
  public String name(Value value) {
    Step step = steps.get(value.index());
    if (step instanceof Convolution convolution) {
      return convolution.unit().name();
    } else if (step instanceof AddRelu sum) {
      return name(sum.input()) + ".sum";
    } else if (step instanceof MaxPool pool) {
      return name(pool.input()) + ".maximum";
    } else if (step instanceof GlobalAveragePool pool) {
      return name(pool.input()) + ".mean";
    } else if (step instanceof Resize resize) {
      return name(resize.input()) + ".resized";
    } else if (step instanceof Concat concat) {
      return name(concat.inputs().get(0)) + ".joined";
    }
    return "image";
  }

  /**
   * The residual additions that a convolution can take into its kernel, since nothing else reads
   * what it gives.
   *
   * @param result what is computed
   * @param overlapping whether a convolution counts that reads the residual itself
   * @return the places of the additions, and of their convolutions
   */
  public Map<Integer, Integer> fusibleAdditions(Value result, boolean overlapping) {
    int[] reads = new int[steps.size()];
    steps.forEach(step -> step.operands().forEach(operand -> reads[operand.index()]++));
    Map<Integer, Integer> fusible = new HashMap<>();
    for (int i = 0; i < result.index(); i++) {
      if (steps.get(i) instanceof AddRelu sum) {
        for (Value term : sum.operands()) {
          if (!fusible.containsKey(i)
              && reads[term.index()] == 1
              && steps.get(term.index()) instanceof Convolution convolution
              && !convolution.unit().relu()
              && (overlapping || !convolution.input().equals(sum.besides(term)))) {
            fusible.put(i, term.index());
          }
        }
      }
    }
    return fusible;
  }

  @Override
  public Value convolution(ConvUnit unit, Value input) {
    return record(new Convolution(unit, input));
  }

  @Override
  public Value addRelu(Value input, Value residual) {
    return record(new AddRelu(input, residual));
  }

  @Override
  public Value maxPool(Value input) {
    return record(new MaxPool(input));
  }

  @Override
  public Value globalAveragePool(Value input) {
    return record(new GlobalAveragePool(input));
  }

  @Override
  public Value resize(Value input, Value like, boolean alignCorners) {
    return record(new Resize(input, like, alignCorners));
  }

  @Override
  public Value concat(List<Value> inputs) {
    return record(new Concat(inputs));
  }

  private Value record(Step step) {
    steps.add(step);
    return new Value(steps.size() - 1);
  }
}
