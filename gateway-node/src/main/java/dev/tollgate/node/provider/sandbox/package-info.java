/// A provider inside the process, to try Tollgate without any other.
@NullMarked
package dev.tollgate.node.provider.sandbox;

import org.jspecify.annotations.NullMarked;
