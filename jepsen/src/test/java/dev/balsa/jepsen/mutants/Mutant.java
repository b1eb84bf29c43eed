package dev.balsa.jepsen.mutants;

import dev.balsa.jepsen.sut.SutNode;
import dev.balsa.jepsen.workload.ReadLevel;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What must be found invalid: each a node with one wrong part, or a wrong driver. */
enum Mutant {
  LOCAL_READ(
      "a leader answers reads from what it has, without ReadIndex",
      BrokenNodes.LocalRead.class,
      Trial.of("register", "partition-leader+pause-leader", 6.5, 27).withClients(30)),
  ACKNOWLEDGE_BEFORE_FSYNC(
      "entries are told to be there up to three seconds before they are forced",
      BrokenNodes.ForcesLate.class,
      Trial.of("append", "power-loss", 6, 20).withDisk("ext4")),
  VOTE_NOT_PERSISTED(
      "a restart forgets term and vote",
      BrokenNodes.ForgetsVotes.class,
      Trial.of("append", "torn-election", 6, 25)),
  COMMIT_ON_ONE_ACKNOWLEDGEMENT(
      "what the leader alone has is committed",
      BrokenNodes.CommitsAlone.class,
      Trial.of("append", "partition-leader", 2, 10)),
  OLD_TERM_BY_COUNTING(
      "an entry of an older term is committed by counting copies",
      BrokenNodes.CountsOldTerms.class,
      BrokenNodes.SendsLittle.class,
      Driver.SOUND,
      Trial.of("append", "torn-election", 6, 45)),
  RETRY_WITHOUT_KNOWING(
      "a driver does again what it does not know the outcome of",
      Driver.RETRIES,
      Trial.of("append", "kill", 1, 25)),
  INDEX_APART_FROM_DATA(
      "the applied index is durable before the data are",
      BrokenNodes.IndexApart.class,
      Trial.of("append", "power-loss", 6, 20).withDisk("ext4").withSnapshotEvery(20)),
  SNAPSHOT_WITHOUT_TAIL(
      "a snapshot's receiver misses five entries that come after it",
      BrokenNodes.SnapshotWithoutTail.class,
      Trial.of("append", "partition-one", 2, 25).withSnapshotEvery(10).withRate(0)),
  LEASE_TOO_LONG(
      "a lease outlives the election timeout",
      BrokenNodes.LongLease.class,
      Trial.of("register", "partition-leader+pause-leader", 6.5, 27)
          .withClients(30)
          .withReads(ReadLevel.LEASE)),
  READ_OF_UNCOMMITTED(
      "what is proposed can be read",
      BrokenNodes.ShowsUncommitted.class,
      Trial.of("append", "partition-leader", 2, 10).withReads(ReadLevel.STALE)),
  TIMEOUT_IS_FAILURE(
      "a driver tells what it does not know as failed",
      Driver.TAKES_UNKNOWN_FOR_FAILED,
      Trial.of("append", "kill", 1, 12));

  private final String mistake;
  private final Class<?> node;
  private final Class<?> soundNode;
  private final Driver driver;

  @SuppressWarnings("ImmutableEnumChecker") // a record of values
  private final Trial trial;

  Mutant(String mistake, Class<?> node, Trial trial) {
    this(mistake, node, SutNode.class, Driver.SOUND, trial);
  }

  Mutant(String mistake, Driver driver, Trial trial) {
    this(mistake, SutNode.class, SutNode.class, driver, trial);
  }

  Mutant(String mistake, Class<?> node, Class<?> soundNode, Driver driver, Trial trial) {
    this.mistake = mistake;
    this.node = node;
    this.soundNode = soundNode;
    this.driver = driver;
    this.trial = trial;
  }

  /** Its name on the command line. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What is wrong with it. */
  String mistake() {
    return mistake;
  }

  /** What its nodes' processes run. */
  String mainClass() {
    return node.getName();
  }

  /** What the processes of the sound nodes run that it is compared with. */
  String soundMainClass() {
    return soundNode.getName();
  }

  /** How its clients talk to it. */
  Driver driver() {
    return driver;
  }

  /** What reveals it. */
  Trial trial() {
    return trial;
  }

  /**
   * Some of them.
   *
   * @throws IllegalArgumentException if there is none of a name
   */
  static List<Mutant> named(List<String> words) {
    return words.stream().map(Mutant::named).toList();
  }

  private static Mutant named(String word) {
    return Arrays.stream(values())
        .filter(mutant -> mutant.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no mutant '"
                        + word
                        + "'; there are "
                        + String.join(", ", Arrays.stream(values()).map(Mutant::word).toList())));
  }
}
