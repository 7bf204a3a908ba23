/// For load balancers and scrapers, and the OpenAPI document itself.
@NullMarked
package dev.tollgate.admin.health;

import org.jspecify.annotations.NullMarked;
