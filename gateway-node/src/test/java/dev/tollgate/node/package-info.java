@NullMarked
package dev.tollgate.node;

import org.jspecify.annotations.NullMarked;
