@NullMarked
package dev.balsa.jepsen.history;

import org.jspecify.annotations.NullMarked;
