@NullMarked
package dev.tollgate.node.store;

import org.jspecify.annotations.NullMarked;
