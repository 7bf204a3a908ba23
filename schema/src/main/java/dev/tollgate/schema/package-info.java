/// The database: its migrations, the jOOQ classes generated from them (`dev.tollgate.schema.jooq`),
/// and the pool that [dev.tollgate.schema.Database] opens on an embedded or an external PostgreSQL.
///
/// Everything here blocks. The ledger, its roll-ups and `books.booked_through` change only through
/// the SQL function `book_entries`, one call to a batch, in the caller's transaction;
/// `reject_entry` sets aside what it cannot take.
@NullMarked
package dev.tollgate.schema;

import org.jspecify.annotations.NullMarked;
