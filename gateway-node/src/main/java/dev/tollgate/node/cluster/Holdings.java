package dev.tollgate.node.cluster;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/// What this node holds and settled, in this life and in earlier ones: its journal and what was
/// found beside it.
///
/// It is there before the node joins others, because they ask for it as soon as they see the node.
public final class Holdings implements Colleague, AutoCloseable {

    private final UUID incarnation;
    private final Journal journal;
    private final Leftovers leftovers;
    private volatile boolean merging;
    private final AtomicReference<Consumer<String>> opener = new AtomicReference<>(_ -> {});

    private Holdings(UUID incarnation, Journal journal, Leftovers leftovers) {
        this.incarnation = incarnation;
        this.journal = journal;
        this.leftovers = leftovers;
    }

    /// Opens a new journal and reads those of earlier lives.
    ///
    /// @param incarnation a random id of this life of the process
    /// @throws IllegalStateException when another process uses the directory
    public static Holdings open(BooksSettings settings, UUID incarnation) {
        var journal = Journal.open(settings.journalDirectory(), incarnation, settings.journal());
        var leftovers = new Leftovers(JournalReplay.read(settings.journalDirectory(), incarnation));
        leftovers.deleteIfEmpty();
        return new Holdings(incarnation, journal, leftovers);
    }

    /// Whether this node's member is being merged into another cluster.
    void merging(boolean begun) {
        merging = begun;
    }

    /// @throws IllegalStateException while this node's books are on their way to another cluster
    @Override
    public Presents presents(String organization, long epoch) {
        if (merging) {
            throw new IllegalStateException("node: being merged (expected: to be asked again)");
        }
        var items = new ArrayList<>(journal.presents(organization, epoch).items());
        leftovers
                .of(organization)
                .forEach(left -> items.add(new Presents.Present(left.hold(), left.settle())));
        var lives = new HashSet<>(leftovers.lives());
        lives.add(incarnation);
        return new Presents(items, lives);
    }

    @Override
    public void open(String organization) {
        Objects.requireNonNull(opener.get()).accept(organization);
    }

    /// Who opens books when another member asks.
    void opensWith(Consumer<String> opens) {
        opener.set(opens);
    }

    /// Forces what is written. The journal goes when nothing is owed any more.
    @Override
    public void close() {
        journal.close();
    }

    UUID incarnation() {
        return incarnation;
    }

    Journal journal() {
        return journal;
    }

    Leftovers leftovers() {
        return leftovers;
    }
}
