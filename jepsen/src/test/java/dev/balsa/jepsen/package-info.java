@NullMarked
package dev.balsa.jepsen;

import org.jspecify.annotations.NullMarked;
