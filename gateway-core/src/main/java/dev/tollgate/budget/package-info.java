/// Budgets, and the book that holds, settles and books against them.
///
/// A [Book] is one organization's quota state. It is changed by one thread at a time (the owner of
/// its partition), by commands that carry their own time and ids, and it decides before it changes
/// anything: applying a decision cannot fail. Limits: [Book#COUNTERS_MAX] counters,
/// [Book#OUTBOX_ENTRIES_MAX] entries not yet booked, [Command#ITEMS_MAX] items a command.
@NullMarked
package dev.tollgate.budget;

import org.jspecify.annotations.NullMarked;
