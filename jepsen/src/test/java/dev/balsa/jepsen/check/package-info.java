@NullMarked
package dev.balsa.jepsen.check;

import org.jspecify.annotations.NullMarked;
