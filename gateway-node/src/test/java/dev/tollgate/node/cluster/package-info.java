@NullMarked
package dev.tollgate.node.cluster;

import org.jspecify.annotations.NullMarked;
