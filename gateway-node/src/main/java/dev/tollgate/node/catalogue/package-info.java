/// The built-in list of models and prices, and the providers that come from the environment.
@NullMarked
package dev.tollgate.node.catalogue;

import org.jspecify.annotations.NullMarked;
