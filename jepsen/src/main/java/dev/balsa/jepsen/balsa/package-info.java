/** Balsa as the system under test: processes of the application in {@code sut}, and its faults. */
@NullMarked
package dev.balsa.jepsen.balsa;

import org.jspecify.annotations.NullMarked;
