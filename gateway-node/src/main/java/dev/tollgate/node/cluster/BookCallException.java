package dev.tollgate.node.cluster;

/// A book did not answer, or not what was expected. The command may have been applied.
final class BookCallException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    BookCallException(String message, Throwable cause) {
        super(message, cause);
    }

    BookCallException(String message) {
        super(message);
    }
}
