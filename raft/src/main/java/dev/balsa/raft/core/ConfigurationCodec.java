package dev.balsa.raft.core;

import dev.balsa.raft.core.Configuration.Member;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A configuration as bytes: the payload of its entry, on disk and on the wire.
 *
 * <pre>
 *   byte version (1) | int members | int outgoing voters
 *   for each member, ascending: long id | byte role | short length | address in ASCII
 *   for each outgoing voter, ascending: long id
 * </pre>
 */
public final class ConfigurationCodec {
  private static final byte VERSION = 1;

  private ConfigurationCodec() {}

  /** The bytes for a configuration. */
  public static byte[] encode(Configuration configuration) {
    int size = 1 + 4 + 4 + 8 * configuration.outgoingVoters().size();
    for (Member member : configuration.members().values()) {
      size += 8 + 1 + 2 + member.address().length();
    }
    ByteBuffer bytes = ByteBuffer.allocate(size);
    bytes.put(VERSION);
    bytes.putInt(configuration.members().size());
    bytes.putInt(configuration.outgoingVoters().size());
    configuration
        .members()
        .forEach(
            (id, member) -> {
              bytes.putLong(id).put(member.role().code());
              bytes.putShort((short) member.address().length());
              bytes.put(member.address().getBytes(StandardCharsets.US_ASCII));
            });
    configuration.outgoingVoters().forEach(bytes::putLong);
    return bytes.array();
  }

  /**
   * The configuration for bytes.
   *
   * @throws IllegalArgumentException if these are not the bytes that {@link #encode} makes of one
   */
  public static Configuration decode(byte[] payload) {
    ByteBuffer bytes = ByteBuffer.wrap(payload);
    try {
      byte version = bytes.get();
      if (version != VERSION) {
        throw new IllegalArgumentException("configuration of unknown version " + version);
      }
      int memberCount = bytes.getInt();
      int outgoingCount = bytes.getInt();
      checkCount(memberCount);
      checkCount(outgoingCount);
      TreeMap<Long, Member> members = new TreeMap<>();
      for (int i = 0; i < memberCount; i++) {
        long id = bytes.getLong();
        checkAscends(members.isEmpty() ? 0 : members.lastKey(), id);
        members.put(id, new Member(MemberRole.of(bytes.get()), address(bytes)));
      }
      TreeSet<Long> outgoing = new TreeSet<>();
      for (int i = 0; i < outgoingCount; i++) {
        long id = bytes.getLong();
        checkAscends(outgoing.isEmpty() ? 0 : outgoing.last(), id);
        outgoing.add(id);
      }
      if (bytes.hasRemaining()) {
        throw new IllegalArgumentException(
            "configuration with " + bytes.remaining() + " bytes too many");
      }
      return new Configuration(members, outgoing);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("configuration cut off", e);
    }
  }

  private static String address(ByteBuffer bytes) {
    int length = Short.toUnsignedInt(bytes.getShort());
    if (length > Configuration.ADDRESS_CHARS_MAX) {
      throw new IllegalArgumentException("address of " + length + " characters");
    }
    byte[] characters = new byte[length];
    bytes.get(characters);
    return new String(characters, StandardCharsets.US_ASCII);
  }

  private static void checkCount(int count) {
    if (count < 0 || count > Configuration.MEMBERS_MAX) {
      throw new IllegalArgumentException("configuration of " + count + " members");
    }
  }

  private static void checkAscends(long before, long id) {
    if (id <= before) {
      throw new IllegalArgumentException("node " + id + " after " + before);
    }
  }
}
