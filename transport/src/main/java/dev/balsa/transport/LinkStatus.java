package dev.balsa.transport;

import org.jspecify.annotations.Nullable;

/**
 * Both directed links between this node and one peer, at one moment. Counts are since the start of
 * the transport.
 *
 * @param peer the peer's node id
 * @param sending whether the link to the peer is open
 * @param receiving whether the link from the peer is open
 * @param messagesOut messages given to the network in full
 * @param bytesOut their bytes, frame headers included
 * @param messagesIn messages given to the receiver
 * @param bytesIn their bytes, frame headers included
 * @param droppedUnreachable messages dropped because no link was open, or lost with it
 * @param droppedQueueFull messages dropped because too much was waiting for this peer
 * @param queuedBytes what waits to be sent, in bytes, rounded up a little
 * @param connects times that the link to the peer was opened
 * @param accepts times that the link from the peer was opened
 * @param trouble why the link to the peer is not open, as last seen; null while it is, and before
 *     it was tried
 * @param unknownVersion whether that is because the peer speaks another version of the protocol
 */
public record LinkStatus(
    long peer,
    boolean sending,
    boolean receiving,
    long messagesOut,
    long bytesOut,
    long messagesIn,
    long bytesIn,
    long droppedUnreachable,
    long droppedQueueFull,
    long queuedBytes,
    long connects,
    long accepts,
    @Nullable String trouble,
    boolean unknownVersion) {}
