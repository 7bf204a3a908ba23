@NullMarked
package dev.tollgate.loadtest.overhead;

import org.jspecify.annotations.NullMarked;
