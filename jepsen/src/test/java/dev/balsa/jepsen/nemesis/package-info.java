@NullMarked
package dev.balsa.jepsen.nemesis;

import org.jspecify.annotations.NullMarked;
