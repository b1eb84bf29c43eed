package dev.balsa.bench;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.CoreConfig;
import dev.balsa.raft.core.Effect;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.Input;
import dev.balsa.raft.core.Limits;
import dev.balsa.raft.core.LogExtent;
import dev.balsa.raft.core.Message;
import dev.balsa.raft.core.Raft;
import dev.balsa.raft.core.TraceSink;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The core alone, without disk and network: what a leader of three and its follower compute for a
 * batch of entries, from proposal to application. The score is for the batch.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class CoreBenchmark {
  private static final int PAYLOAD_BYTES = 100;

  /** Entries that come together. */
  @Param({"1", "16", "256"})
  public int entries;

  private Raft leader;
  private Raft follower;
  private byte[] payload;
  private long proposal;

  /** Called by JMH. */
  @SuppressWarnings("NullAway.Init") // JMH calls the set-up first
  public CoreBenchmark() {}

  /** Elects node 1, and lets node 2 follow another leader of its own. */
  @Setup(Level.Iteration)
  public void prepare() {
    payload = new byte[PAYLOAD_BYTES];
    proposal = 0;
    leader = raft(1);
    while (leader.leadership().term() == 0) {
      for (Effect effect : leader.step(new Input.Tick())) {
        if (effect instanceof Effect.Send send
            && send.message() instanceof Message.PreVoteRequest request) {
          durable(leader, leader.step(grant(send.to(), request)));
          Message vote = new Message.VoteResponse(leader.leadership().term(), true);
          durable(leader, leader.step(new Input.Received(send.to(), vote)));
          break;
        }
      }
    }
    accept(leader.lastIndex());
    if (!leader.leadership().established()) {
      throw new IllegalStateException("no leader: " + leader.leadership());
    }
    follower = raft(2);
  }

  private static Input grant(long from, Message.PreVoteRequest request) {
    return new Input.Received(from, new Message.PreVoteResponse(request.term(), true));
  }

  private static Raft raft(long id) {
    CoreConfig config =
        new CoreConfig(
            id,
            Configuration.ofVoters(Set.of(1L, 2L, 3L)),
            new UUID(1, 1),
            5,
            25,
            0,
            Limits.DEFAULT);
    return new Raft(
        config,
        HardState.INITIAL,
        LogExtent.EMPTY,
        0,
        (from, to, bytes) -> {
          throw new IllegalStateException("the core reads the log");
        },
        new SplittableRandom(id),
        TraceSink.none());
  }

  /** The disk: whatever is to be written is durable at once. */
  private static List<Effect> durable(Raft raft, List<Effect> effects) {
    List<Input> written = new ArrayList<>(1);
    for (Effect effect : effects) {
      if (effect instanceof Effect.AppendToLog write) {
        written.add(new Input.LogDurable(write.write()));
      }
    }
    return written.isEmpty() ? List.of() : raft.step(written);
  }

  /** Both followers have the leader's log up to an index, and so has its own disk. */
  private int accept(long index) {
    Message accepted = new Message.AppendAccepted(leader.leadership().term(), index);
    int effects = leader.step(List.of(new Input.Received(2, accepted))).size();
    effects += leader.step(List.of(new Input.Received(3, accepted))).size();
    return effects + leader.step(List.of(new Input.Applied(leader.committedIndex()))).size();
  }

  long leaderCommitted() {
    return leader.committedIndex();
  }

  long followerCommitted() {
    return follower.committedIndex();
  }

  /** A leader's part: proposals, its own disk's answer, two acknowledgements, application. */
  @Benchmark
  public int leaderCycle() {
    long term = leader.leadership().term();
    List<Input> proposals = new ArrayList<>(entries);
    for (int i = 0; i < entries; i++) {
      proposal++;
      proposals.add(new Input.Proposed(proposal, term, payload));
    }
    int effects = durable(leader, leader.step(proposals)).size();
    return effects + accept(leader.lastIndex());
  }

  /** A follower's part: a request that commits what came before, its disk's answer, application. */
  @Benchmark
  public int followerAppend() {
    long last = follower.lastIndex();
    List<Entry> batch = new ArrayList<>(entries);
    for (int i = 1; i <= entries; i++) {
      batch.add(new Entry(last + i, 1, EntryType.COMMAND, payload));
    }
    Message request = new Message.AppendRequest(1, last, last == 0 ? 0 : 1, last, batch);
    int effects = durable(follower, follower.step(List.of(new Input.Received(3, request)))).size();
    return effects + follower.step(List.of(new Input.Applied(follower.committedIndex()))).size();
  }
}
