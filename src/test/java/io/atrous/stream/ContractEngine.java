package io.atrous.stream;

/** What answers frames in a contract test. */
interface ContractEngine extends FrameAnalyzer {

  /** Breaks: what is not answered yet never will be. */
  void crash();
}
