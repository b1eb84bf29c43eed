package dev.balsa.raft.core;

/**
 * What a leader knows of another member.
 *
 * @param id its node id
 * @param state probing, replicating, snapshot or spare
 * @param matchIndex its log agrees with the leader's up to there, durably
 * @param nextIndex the next entry that it will be sent
 * @param snapshotOffset bytes of a snapshot that it has stored, while it is sent one; else -1
 */
public record PeerStatus(
    long id, String state, long matchIndex, long nextIndex, long snapshotOffset) {}
