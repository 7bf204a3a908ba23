@NullMarked
package dev.tollgate.node.catalogue;

import org.jspecify.annotations.NullMarked;
