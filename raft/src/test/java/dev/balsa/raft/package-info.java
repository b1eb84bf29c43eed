/** Tests of the driver, with a transport and a log store in memory. */
@NullMarked
package dev.balsa.raft;

import org.jspecify.annotations.NullMarked;
