/**
 * What an application embeds: a {@link dev.balsa.node.BalsaNode} and its {@linkplain
 * dev.balsa.node.BalsaConfig configuration}.
 *
 * <p>A node puts the other modules together and owns them:
 *
 * <pre>
 *   BalsaNode ─┬─ FolderLock            one process on a data folder
 *              ├─ ChronicleLogStore     DATA/log
 *              ├─ DatabaseStateMachine  DATA/databases, redone from the log before anything else
 *              ├─ TcpTransport          the event loop, and the peers
 *              ├─ RaftNode              drives the protocol on that loop
 *              └─ StatusServer          if configured
 * </pre>
 *
 * <p>What makes a start impossible is a {@link dev.balsa.node.NodeStartException}: one sentence,
 * and a {@link dev.balsa.node.StartFailure} with its exit code.
 */
@NullMarked
package dev.balsa.node;

import org.jspecify.annotations.NullMarked;
