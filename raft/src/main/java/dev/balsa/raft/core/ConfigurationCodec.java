package dev.balsa.raft.core;

import dev.balsa.raft.core.Configuration.Member;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;

/**
 * A configuration as bytes: the payload of its entry, on disk and on the wire.
 *
 * <pre>
 *   byte version (2) | int members | int outgoing voters
 *   for each member, ascending: long id | byte role | short length | address in ASCII
 *   for each outgoing voter, ascending: long id | short length | address in ASCII
 * </pre>
 */
public final class ConfigurationCodec {
  private static final byte VERSION = 2;

  private ConfigurationCodec() {}

  /** The bytes for a configuration. */
  public static byte[] encode(Configuration configuration) {
    ByteBuffer bytes = ByteBuffer.allocate(bytesOf(configuration));
    bytes.put(VERSION);
    bytes.putInt(configuration.members().size());
    bytes.putInt(configuration.outgoing().size());
    configuration
        .members()
        .forEach(
            (id, member) -> {
              bytes.putLong(id).put(member.role().code());
              putAddress(bytes, member.address());
            });
    configuration
        .outgoing()
        .forEach(
            (id, address) -> {
              bytes.putLong(id);
              putAddress(bytes, address);
            });
    return bytes.array();
  }

  /** The length of {@link #encode}'s bytes. */
  public static int bytesOf(Configuration configuration) {
    int bytes = 1 + 4 + 4;
    for (Member member : configuration.members().values()) {
      bytes += 8 + 1 + 2 + member.address().length();
    }
    for (String address : configuration.outgoing().values()) {
      bytes += 8 + 2 + address.length();
    }
    return bytes;
  }

  private static void putAddress(ByteBuffer bytes, String address) {
    bytes.putShort((short) address.length());
    bytes.put(address.getBytes(StandardCharsets.US_ASCII));
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
      TreeMap<Long, String> outgoing = new TreeMap<>();
      for (int i = 0; i < outgoingCount; i++) {
        long id = bytes.getLong();
        checkAscends(outgoing.isEmpty() ? 0 : outgoing.lastKey(), id);
        outgoing.put(id, address(bytes));
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
