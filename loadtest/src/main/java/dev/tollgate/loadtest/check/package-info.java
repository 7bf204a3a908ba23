/// Compares three books that must agree: the provider's bill, the gateway's ledger, and the
/// counters and roll-ups made from it. Reads the gateway over HTTP only and uses no class of it, so
/// that a mistake there cannot hide here.
///
/// ```java
/// var books = GatewayBooks.read(new GatewayAdmin(URI.create("http://127.0.0.1:8081"), token), List.of("ci-daily"));
/// var report = Checker.exact().check(provider.bill(), books);
/// assertThat(report.differences()).isEmpty();
/// ```
@NullMarked
package dev.tollgate.loadtest.check;

import org.jspecify.annotations.NullMarked;
