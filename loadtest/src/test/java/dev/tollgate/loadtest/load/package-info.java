@NullMarked
package dev.tollgate.loadtest.load;

import org.jspecify.annotations.NullMarked;
