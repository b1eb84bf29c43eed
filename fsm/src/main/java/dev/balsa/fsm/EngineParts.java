package dev.balsa.fsm;

/**
 * What a test may exchange in an engine.
 *
 * @param decisions on which its safety hangs
 * @param limits of its commit pipelines
 * @param files that it reads and writes itself
 * @param threads that it runs on
 */
record EngineParts(
    EngineDecisions decisions, PipelineLimits limits, FileLayer files, EngineThreads threads) {
  /** The product's. */
  static final EngineParts PRODUCT =
      new EngineParts(EngineDecisions.SOUND, PipelineLimits.DEFAULT, FileLayer.SYSTEM);

  /** On the operating system's threads. */
  EngineParts(EngineDecisions decisions, PipelineLimits limits, FileLayer files) {
    this(decisions, limits, files, EngineThreads.SYSTEM);
  }
}
