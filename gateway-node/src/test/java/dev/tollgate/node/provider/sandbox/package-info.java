@NullMarked
package dev.tollgate.node.provider.sandbox;

import org.jspecify.annotations.NullMarked;
