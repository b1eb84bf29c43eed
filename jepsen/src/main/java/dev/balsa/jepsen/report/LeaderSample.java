package dev.balsa.jepsen.report;

/**
 * Who leads, as the harness saw it at some moment.
 *
 * @param time nanoseconds since the run began, by the clock of the history
 * @param node of those that say that they lead, the one with the highest term; 0 if none does
 * @param term its term, or the highest one that any node has told
 */
public record LeaderSample(long time, long node, long term) {}
