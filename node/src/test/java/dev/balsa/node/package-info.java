/** Tests. */
@NullMarked
package dev.balsa.node;

import org.jspecify.annotations.NullMarked;
