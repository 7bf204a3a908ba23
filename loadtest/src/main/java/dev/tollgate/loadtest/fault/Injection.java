package dev.tollgate.loadtest.fault;

/// Whether a fault happened, and how that was seen.
sealed interface Injection {

    String text();

    /// It did.
    record Injected(String text) implements Injection {}

    /// It could not be made to happen, or nothing shows that it did.
    record NotRun(String text) implements Injection {}

    /// It cannot happen here, for a reason that no run changes.
    record NotApplicable(String text) implements Injection {}

    /// @param seen whether what `text` says was seen
    static Injection proved(boolean seen, String text) {
        return seen ? new Injected(text) : new NotRun("not seen: " + text);
    }
}
