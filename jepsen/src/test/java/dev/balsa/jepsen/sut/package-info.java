@NullMarked
package dev.balsa.jepsen.sut;

import org.jspecify.annotations.NullMarked;
