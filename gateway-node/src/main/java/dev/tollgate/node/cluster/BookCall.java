package dev.tollgate.node.cluster;

import dev.tollgate.budget.Answers;
import dev.tollgate.budget.Command;
import io.vertx.core.Context;
import java.util.List;
import java.util.UUID;

/// A command on its way to a book. It is made when it is sent, so that it carries the term of then,
/// and made again with the same id when it has to be repeated.
interface BookCall {

    /// @param acknowledged for those commands that carry them along
    Command command(long term, List<UUID> acknowledged);

    /// Whether the command can carry acknowledgements.
    boolean acknowledges();

    /// Where answers are delivered.
    Context context();

    /// Whether another try is of no use to anybody.
    boolean isDone();

    /// Answered by a book that was open in the sender's term. On the context.
    ///
    /// @param by where the book stood
    void answered(Command.Result result, Answers by);
}
