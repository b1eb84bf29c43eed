/**
 * Clusters of real node processes, and the network between them.
 *
 * <p>{@link dev.balsa.jepsen.cluster.Cluster} starts, kills and stops the processes. What a node
 * sends to another one goes over a link of its own, so that each direction can be cut apart ({@link
 * dev.balsa.jepsen.cluster.Network}). There are two kinds of networks. In the one, every node dials
 * its peers through proxies of ours, one for each ordered pair of nodes:
 *
 * <pre>
 *   node 1 ──dials──▶ proxy 1-2 ──▶ node 2
 *   node 1 ◀── proxy 2-1 ◀──dials── node 2
 * </pre>
 *
 * <p>In the other, which needs root, each node has a network namespace to itself, and what it sends
 * goes through one that routes, whose firewall drops packets.
 *
 * <p>Clients reach the application in each process directly: what is cut is the nodes' network, not
 * the clients'. Nothing is left behind: a process ends when its standard input does, so also when
 * the harness is killed.
 */
@NullMarked
package dev.balsa.jepsen.cluster;

import org.jspecify.annotations.NullMarked;
