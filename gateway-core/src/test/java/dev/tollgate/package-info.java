@NullMarked
package dev.tollgate;

import org.jspecify.annotations.NullMarked;
