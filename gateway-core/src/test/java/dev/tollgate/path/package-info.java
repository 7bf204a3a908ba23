@NullMarked
package dev.tollgate.path;

import org.jspecify.annotations.NullMarked;
