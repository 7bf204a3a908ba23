@NullMarked
package dev.tollgate.loadtest.check;

import org.jspecify.annotations.NullMarked;
