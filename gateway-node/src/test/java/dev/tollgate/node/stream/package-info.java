@NullMarked
package dev.tollgate.node.stream;

import org.jspecify.annotations.NullMarked;
