package dev.balsa.bench.load;

/** What a load is put on: something that takes entries, and tells of each when it is done. */
public interface Proposer {
  /**
   * Hands over an entry. Does not wait.
   *
   * @param payload not to be modified any more
   * @param completion told the entry's fate, once, on a thread of the system's own; it may propose
   */
  void propose(byte[] payload, Completion completion);

  /** Takes the fate of an entry. */
  interface Completion {
    /** The entry is committed and was applied. */
    void committed();

    /** It is not, or that is not known. */
    void failed(String why);
  }
}
