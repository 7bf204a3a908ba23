/// The admission lease: which nodes may act on the quota state, decided by one row in PostgreSQL.
///
/// Pure: rows, views and moments come in, decisions go out. The rule it keeps is in docs/adr/0008:
/// a term names one membership, and a node acts only in a term that lists it and whose members it
/// all sees. What is taken for granted: PostgreSQL keeps what it has committed, and its clock does
/// not jump ahead; set back it may be.
@NullMarked
package dev.tollgate.lease;

import org.jspecify.annotations.NullMarked;
