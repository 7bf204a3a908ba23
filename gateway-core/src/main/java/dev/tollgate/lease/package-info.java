/// The admission lease: which nodes may act on the quota state, decided by one row in PostgreSQL.
///
/// Pure: rows, views and moments come in, decisions go out; any thread. The rule it keeps is in
/// docs/adr/0008: a term names one membership, and a node acts only in a term that lists it and
/// whose members it all sees.
@NullMarked
package dev.tollgate.lease;

import org.jspecify.annotations.NullMarked;
