/// What an operator can set: `tollgate.yaml`, overridden by the environment, read once at start.
///
/// A wrong setting stops the node, with every fault listed by its path.
@NullMarked
package dev.tollgate.node.settings;

import org.jspecify.annotations.NullMarked;
