package dev.tollgate.caller;

/// Text that must not be printed: a credential. Its `toString` is redacted.
public record Secret(String reveal) {

    @Override
    public String toString() {
        return "Secret[redacted]";
    }
}
