package dev.tollgate.budget;

import java.util.List;

/// What one call to a book gets.
///
/// @param term the newest the book has seen, 0 where there is no book
/// @param epoch of its last opening
/// @param bookedThrough entries of that epoch up to here are in the ledger
/// @param results one for each command, in their order
public record Answers(long term, long epoch, long bookedThrough, List<Command.Result> results) {
    public Answers {
        results = List.copyOf(results);
    }
}
