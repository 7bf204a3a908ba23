@NullMarked
package dev.tollgate.node.provider;

import org.jspecify.annotations.NullMarked;
