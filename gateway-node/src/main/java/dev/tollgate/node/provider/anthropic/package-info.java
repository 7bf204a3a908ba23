/// The Anthropic Messages dialect.
@NullMarked
package dev.tollgate.node.provider.anthropic;

import org.jspecify.annotations.NullMarked;
