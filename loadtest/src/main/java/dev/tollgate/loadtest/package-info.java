/// What tries the gateway from outside: simulated providers with a bill of their own, a checker of
/// the books, a load client, and the overhead scenario. Nothing here uses a class of the gateway.
@NullMarked
package dev.tollgate.loadtest;

import org.jspecify.annotations.NullMarked;
