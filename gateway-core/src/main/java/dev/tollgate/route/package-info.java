/// Which deployments serve a request, in which order.
@NullMarked
package dev.tollgate.route;

import org.jspecify.annotations.NullMarked;
