/**
 * Raft's messages over TCP: {@link dev.balsa.transport.TcpTransport} is the {@link
 * dev.balsa.raft.Transport} of real nodes.
 *
 * <h2>Links</h2>
 *
 * <p>Each node dials each of its peers for what it sends, and receives on the connections that it
 * accepts: a link has a direction, and one connection. So no two nodes ever have to agree which of
 * two connections counts; where a peer connects twice, the newer connection is that of a restarted
 * process and takes the place of the older.
 *
 * <pre>
 *              node 1                                  node 2
 *   send(2, m) ─▶ PeerLink ─ DialledConnection ──────▶ AcceptedConnection ─▶ receiver(1, m)
 *   receiver(2, m) ◀─ AcceptedConnection ◀────── DialledConnection ─ PeerLink ◀─ send(1, m)
 * </pre>
 *
 * <p>A lost connection is made again after 50 ms, then after twice as long each time, up to a
 * second (host names are resolved each time, and not on the loop); at once if the peer connects to
 * us, for then it is there. What is sent meanwhile is dropped: Raft sends it again. Messages of one
 * connection arrive in order, each once.
 *
 * <p>What waits for a peer is bounded in bytes. Above the bound its messages are dropped,
 * heartbeats as well, and nobody else notices. Messages wait as objects, sharing their payloads
 * with Raft's own memory; bytes are made of them, at the end of a turn of the loop, only as fast as
 * the kernel takes them.
 *
 * <p>Both sides watch over their link: the dialling side pings four times in the idle timeout and
 * wants an answer, or at least that its bytes be taken; the accepting side wants to hear anything.
 * So a peer that vanished without a word does not hold a connection for as long as TCP would.
 *
 * <h2>Bytes</h2>
 *
 * <p>After the {@linkplain dev.balsa.transport.Handshake handshake} come {@linkplain
 * dev.balsa.transport.Frame frames}, each with a length and a CRC-32C (23 to 60 us a MiB: TCP's own
 * checksum is too weak for what ends up in a log). A frame's message is written in two parts: Kryo
 * writes the head, that is the message and of each entry term, type and length; the payloads follow
 * as they are. Kryo would copy them through buffers of its own, and its limits would be theirs.
 *
 * <ul>
 *   <li>Sending: payloads are copied once, from the heap into the one buffer outside it that is
 *       given to the socket. Wrapping them instead would not save this copy: NIO makes it itself
 *       for every buffer on the heap, out of sight and piece by piece. 1 MiB takes 60 to 150 us to
 *       encode, checksum included.
 *   <li>Receiving: the buffers that the socket was read into are chained until a frame is complete;
 *       payloads are then copied once, into the arrays that go to the log.
 * </ul>
 *
 * <h2>Strangers</h2>
 *
 * <p>Whatever arrives is either a message or a {@code ProtocolViolation}, which closes that one
 * connection with one line in the log, rate-limited. Lengths and counts are compared with the bytes
 * that are really there before anything is allocated for them; frames, entries, handshakes that are
 * under way, repeated pings and log lines are bounded. Kryo runs with registration required, with
 * hand-written serializers alone, without references or nesting, and with a class resolver of our
 * own that knows nothing but numbers of messages: Kryo's would load a class by its name before it
 * refuses it.
 *
 * <p>There is no authentication yet: whoever can connect and knows node ids can speak for a node.
 * Mutual TLS has its place in {@code LocalNode.prepare}, in front of the connection's handler; the
 * handshake is then sent when TLS is up.
 *
 * <h2>Threads</h2>
 *
 * <p>One, the loop, on which Raft runs too: a message is read, stepped and answered without a
 * change of threads. It is a daemon thread. What is thrown on it goes to the handler of the
 * configuration. Besides it there are short-lived threads that ask for the addresses of host names.
 */
@NullMarked
package dev.balsa.transport;

import org.jspecify.annotations.NullMarked;
