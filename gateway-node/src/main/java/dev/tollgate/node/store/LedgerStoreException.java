package dev.tollgate.node.store;

/// The ledger did not do what it was asked.
public final class LedgerStoreException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /// What the caller can do about it.
    public enum Reason {
        /// PostgreSQL is away, busy or undid the transaction: ask again later.
        UNAVAILABLE,
        /// A later term or epoch books now: stop.
        FENCED,
        /// What was sent can never be booked.
        UNBOOKABLE
    }

    public LedgerStoreException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
