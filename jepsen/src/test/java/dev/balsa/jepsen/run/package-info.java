/** Tests of runs, mostly on a database that is one SQLite file and pretends to be a cluster. */
@NullMarked
package dev.balsa.jepsen.run;

import org.jspecify.annotations.NullMarked;
