/// How streamed answers travel inside the node.
@NullMarked
package dev.tollgate.node.stream;

import org.jspecify.annotations.NullMarked;
