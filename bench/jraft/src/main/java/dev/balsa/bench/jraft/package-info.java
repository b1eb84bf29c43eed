/**
 * SOFAJRaft, the yardstick: one node of it in a process of its own, under the same load as ours. On
 * a class path of its own; nothing of Balsa's but the load is there.
 */
@NullMarked
package dev.balsa.bench.jraft;

import org.jspecify.annotations.NullMarked;
