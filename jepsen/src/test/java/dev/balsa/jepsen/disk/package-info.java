@NullMarked
package dev.balsa.jepsen.disk;

import org.jspecify.annotations.NullMarked;
