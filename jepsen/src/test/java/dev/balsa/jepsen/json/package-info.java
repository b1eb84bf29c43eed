/** Tests of JSON: what is written is read again, and what is none is refused. */
@NullMarked
package dev.balsa.jepsen.json;

import org.jspecify.annotations.NullMarked;
