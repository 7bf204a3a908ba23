@NullMarked
package dev.tollgate.node.provider.openai;

import org.jspecify.annotations.NullMarked;
