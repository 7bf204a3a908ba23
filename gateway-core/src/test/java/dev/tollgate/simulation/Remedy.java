package dev.tollgate.simulation;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/// Rules that a run can do without, to see that it finds what they are for.
enum Remedy {
    /// A term that loses somebody begins when that one must have noticed.
    LOSS_WAITS,

    /// Who is no member of a term waits until none can go on without the database.
    STRANGERS_WAIT,

    /// Who does not see all of a term's members applies nothing in it.
    SEEN,

    /// The book of the later epoch stays in a merge, and a member that is being merged sees nobody
    /// and tells nobody what it has until its books are where they belong.
    MERGE,

    /// Who began an epoch goes on until it has opened the book, or somebody has in a later one:
    /// else it is open and nobody books.
    REOPEN,

    /// What was settled in an earlier term is released only when the ledger has its id.
    OWED;

    /// Those named in `-Dtollgate.simulation.without=`, separated by commas.
    static Set<Remedy> fromProperty() {
        var without = EnumSet.noneOf(Remedy.class);
        for (var name : System.getProperty("tollgate.simulation.without", "").split(",", -1)) {
            if (!name.isEmpty()) {
                without.add(valueOf(name.toUpperCase(Locale.ROOT)));
            }
        }
        return without;
    }
}
