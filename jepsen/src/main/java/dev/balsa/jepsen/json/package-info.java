/**
 * JSON (RFC 8259) of what a run's folder holds beside the history: written by {@link
 * dev.balsa.jepsen.json.JsonText}, read by {@link dev.balsa.jepsen.json.JsonReader}.
 */
@NullMarked
package dev.balsa.jepsen.json;

import org.jspecify.annotations.NullMarked;
