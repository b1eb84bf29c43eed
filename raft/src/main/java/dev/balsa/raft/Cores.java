package dev.balsa.raft;

import dev.balsa.raft.core.CoreConfig;
import dev.balsa.raft.core.EntrySource;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.LogExtent;
import dev.balsa.raft.core.Raft;
import dev.balsa.raft.core.TraceSink;
import java.util.random.RandomGenerator;

/** Makes the cores of nodes: the product's own, or, in tests, ones that decide otherwise. */
@FunctionalInterface
interface Cores {
  /** The product's. */
  Cores SOUND = Raft::new;

  /** Makes one; see {@link Raft}. */
  Raft create(
      CoreConfig config,
      HardState hardState,
      LogExtent extent,
      long applied,
      EntrySource durableEntries,
      RandomGenerator random,
      TraceSink trace);
}
