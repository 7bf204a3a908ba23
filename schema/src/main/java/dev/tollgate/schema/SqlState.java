package dev.tollgate.schema;

/// The SQLSTATEs that the schema's own functions raise, as `SQLException.getSQLState()` gives them.
public final class SqlState {

    /// A booking with an older term or epoch than the book's: another booker has taken over, so
    /// stop.
    public static final String BOOK_TAKEN_OVER = "TG001";

    /// A booking for a book, or an epoch of it, that was never opened.
    public static final String BOOK_NOT_OPEN = "TG002";

    /// A change to an append-only table.
    public static final String APPEND_ONLY = "TG003";

    private SqlState() {}
}
