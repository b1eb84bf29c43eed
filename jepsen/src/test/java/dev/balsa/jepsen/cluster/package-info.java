@NullMarked
package dev.balsa.jepsen.cluster;

import org.jspecify.annotations.NullMarked;
