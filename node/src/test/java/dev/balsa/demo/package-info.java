/** Tests. */
@NullMarked
package dev.balsa.demo;

import org.jspecify.annotations.NullMarked;
