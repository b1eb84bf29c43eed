@NullMarked
package dev.balsa.jepsen.report;

import org.jspecify.annotations.NullMarked;
