/// The admin API: REST over PostgreSQL, described by `openapi/admin.yaml`.
///
/// Threads: the event loop moves bytes and authenticates; each call then runs as plain blocking
/// code on a virtual thread of its own, at most [AdminSettings#concurrentCallsMax] at a time.
/// Failure: a change is one transaction, so a call that fails has changed nothing, except where its
/// problem says that the change is stored. Limits: bodies of 1 MiB, pages of 1,000 items.
@NullMarked
package dev.tollgate.admin;

import org.jspecify.annotations.NullMarked;
