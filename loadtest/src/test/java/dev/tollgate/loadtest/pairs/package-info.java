@NullMarked
package dev.tollgate.loadtest.pairs;

import org.jspecify.annotations.NullMarked;
