/// Official clients, unchanged, talking to a running node in front of a simulated provider.
@NullMarked
package dev.tollgate.node.clients;

import org.jspecify.annotations.NullMarked;
