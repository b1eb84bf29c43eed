package dev.balsa.raft.core;

/**
 * Names one sending of a snapshot: what a receiver has of it can be completed from the same sender
 * only, since the content at one index may differ in its bytes from node to node and from time to
 * time.
 *
 * @param sender node id of the leader that sends it
 * @param index the snapshot's index
 * @param term term of the entry there
 * @param sequence chosen by the sender: the same number always means the same bytes
 */
public record SnapshotId(long sender, long index, long term, long sequence) {}
