package dev.balsa.raft.core;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Who belongs to the cluster, and in which role (thesis 4). Immutable.
 *
 * <p>While the set of voters changes, the cluster goes through a <i>joint</i> configuration (thesis
 * 4.3): {@code members} are those of the new one, {@code outgoing} the voters of the old one, and
 * every decision needs a majority of the voters of each. A voter that is being demoted or removed
 * is then among the outgoing voters, and already has its new role, or none, among the members.
 *
 * @param members all members by node id; empty for a node that was not told of any cluster yet
 * @param outgoing the voters of the old configuration, with their addresses there, which are needed
 *     for those that are no members any more; empty unless joint
 */
public record Configuration(SortedMap<Long, Member> members, SortedMap<Long, String> outgoing) {
  /** Bound on the number of members, which every decoder enforces. */
  public static final int MEMBERS_MAX = 1000;

  /** Bound on an address, in characters of ASCII. */
  public static final int ADDRESS_CHARS_MAX = 300;

  /** Nobody: what a node starts with that is to be added to a cluster later. */
  public static final Configuration EMPTY = new Configuration(new TreeMap<>(), new TreeMap<>());

  /**
   * One member.
   *
   * @param role what it takes part in
   * @param address where it is reached, in a form that only the transport understands; may be empty
   */
  public record Member(MemberRole role, String address) {
    /** Checks the bounds. */
    public Member {
      checkAddress(address);
    }
  }

  /** Checks the bounds. */
  public Configuration {
    members = Collections.unmodifiableSortedMap(new TreeMap<>(members));
    outgoing = Collections.unmodifiableSortedMap(new TreeMap<>(outgoing));
    if (members.size() + outgoing.size() > MEMBERS_MAX) {
      throw new IllegalArgumentException("more than " + MEMBERS_MAX + " members");
    }
    if ((!members.isEmpty() && members.firstKey() < 1)
        || (!outgoing.isEmpty() && outgoing.firstKey() < 1)) {
      throw new IllegalArgumentException("node ids are numbers from 1");
    }
    outgoing.values().forEach(Configuration::checkAddress);
    boolean hasVoter = members.values().stream().anyMatch(m -> m.role() == MemberRole.VOTER);
    if (!hasVoter && !(members.isEmpty() && outgoing.isEmpty())) {
      throw new IllegalArgumentException("a cluster needs a voter; members are " + members);
    }
  }

  private static void checkAddress(String address) {
    if (address.length() > ADDRESS_CHARS_MAX
        || !address.chars().allMatch(c -> c > ' ' && c < 127)) {
      throw new IllegalArgumentException(
          "an address is at most "
              + ADDRESS_CHARS_MAX
              + " printable characters of ASCII without spaces: '"
              + address
              + "'");
    }
  }

  /** Voters without addresses. */
  public static Configuration ofVoters(Collection<Long> voters) {
    TreeMap<Long, Member> members = new TreeMap<>();
    for (long id : voters) {
      members.put(id, new Member(MemberRole.VOTER, ""));
    }
    return new Configuration(members, new TreeMap<>());
  }

  /** The same with a member added, or given another role or address. */
  public Configuration with(long id, MemberRole role, String address) {
    TreeMap<Long, Member> changed = new TreeMap<>(members);
    changed.put(id, new Member(role, address));
    return new Configuration(changed, outgoing);
  }

  /** The same with a member in another role, its address as it was. */
  public Configuration with(long id, MemberRole role) {
    Member before = members.get(id);
    return with(id, role, before == null ? "" : before.address());
  }

  /** The same without a member. */
  public Configuration without(long id) {
    TreeMap<Long, Member> changed = new TreeMap<>(members);
    changed.remove(id);
    return new Configuration(changed, outgoing);
  }

  /** Whether this is a joint configuration. */
  public boolean isJoint() {
    return !outgoing.isEmpty();
  }

  /** The voters among the members: those of the new configuration, if this is joint. */
  public SortedSet<Long> voters() {
    TreeSet<Long> voters = new TreeSet<>();
    members.forEach(
        (id, member) -> {
          if (member.role() == MemberRole.VOTER) {
            voters.add(id);
          }
        });
    return voters;
  }

  /** The voters of the old configuration, empty unless this is joint. */
  public SortedSet<Long> outgoingVoters() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(outgoing.keySet()));
  }

  /** Whether the node votes, in the new configuration or in the outgoing one. */
  public boolean isVoter(long id) {
    Member member = members.get(id);
    return outgoing.containsKey(id) || (member != null && member.role() == MemberRole.VOTER);
  }

  /** Whether the leader sends the log to this node: to voters of either kind and to standbys. */
  public boolean hasLog(long id) {
    Member member = members.get(id);
    return outgoing.containsKey(id) || (member != null && member.role().hasLog());
  }

  /**
   * Where a member or an outgoing voter is reached; empty if the configuration does not tell, or
   * has no such node.
   */
  public String addressOf(long id) {
    Member member = members.get(id);
    return member != null ? member.address() : outgoing.getOrDefault(id, "");
  }

  /** All nodes concerned: members and outgoing voters. */
  public SortedSet<Long> nodes() {
    TreeSet<Long> nodes = new TreeSet<>(members.keySet());
    nodes.addAll(outgoing.keySet());
    return nodes;
  }

  /** The configuration between this one, which must not be joint, and {@code target}. */
  public Configuration towards(Configuration target) {
    SortedSet<Long> voters = voters();
    if (voters.equals(target.voters()) || members.isEmpty()) {
      return target;
    }
    TreeMap<Long, String> leaving = new TreeMap<>();
    for (long id : voters) {
      leaving.put(id, addressOf(id));
    }
    return new Configuration(target.members, leaving);
  }

  /** The new one of a joint configuration. */
  public Configuration left() {
    return new Configuration(members, new TreeMap<>());
  }
}
