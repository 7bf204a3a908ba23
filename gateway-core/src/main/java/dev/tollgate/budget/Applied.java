package dev.tollgate.budget;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What became of commands that were applied to one book in one call.
///
/// @param book null where there is none: only the first part of an opening makes one
/// @param versionBefore of the book, 0 where there was none
/// @param changes for the backups; when there are none the book is as it was
public record Applied(
        @Nullable Book book, long versionBefore, List<Change> changes, Answers answers) {

    public Applied {
        changes = List.copyOf(changes);
    }

    /// Applies `commands` in their order. What cannot be decided is answered [Command.Failed] and
    /// the rest goes on: the backups must hear of what was changed before.
    public static Applied to(@Nullable Book before, List<Command> commands) {
        var book = before;
        var versionBefore = before == null ? 0 : before.version();
        var changes = new ArrayList<Change>();
        var results = new ArrayList<Command.Result>(commands.size());
        for (var command : commands) {
            if (book == null && command instanceof Command.Open open && open.first()) {
                book = new Book();
            }
            results.add(book == null ? new Command.NotOpen() : apply(book, command, changes));
        }
        var answers = book == null ? new Answers(0, 0, 0, results) : book.answers(results);
        return new Applied(book, versionBefore, changes, answers);
    }

    /// What a copy answers that must not decide now: to be asked again.
    public static Answers refused(List<Command> commands) {
        return new Answers(0, 0, 0, Collections.nCopies(commands.size(), new Command.OldTerm(0)));
    }

    private static Command.Result apply(Book book, Command command, List<Change> changes) {
        try {
            return book.apply(command, changes::add);
        } catch (RuntimeException e) {
            return new Command.Failed(e.toString());
        }
    }
}
