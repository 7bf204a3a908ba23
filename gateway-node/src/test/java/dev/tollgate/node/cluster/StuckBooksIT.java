package dev.tollgate.node.cluster;

import static dev.tollgate.node.cluster.ClusterScene.ORGANIZATION;
import static dev.tollgate.node.cluster.ClusterScene.await;
import static dev.tollgate.node.cluster.ClusterScene.request;
import static dev.tollgate.node.cluster.ClusterScene.requestLimit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.Command;
import dev.tollgate.node.store.LedgerStore;
import dev.tollgate.problem.Refusal;
import dev.tollgate.schema.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Books that something happened to on the way to being open and booked, and calls that meet them.
class StuckBooksIT {

    @TempDir static Path data;
    private static Database database;

    @TempDir Path journal;
    private final Random random = new Random(17);
    private LedgerStore store;

    @BeforeAll
    static void startDatabase() {
        database = Database.embedded(data, ClusterScene.BINARIES);
    }

    @AfterAll
    static void stopDatabase() {
        database.close();
    }

    /// Terms begin anew.
    @BeforeEach
    void forgetBooks() {
        store = ClusterScene.storeOn(database);
        database.dsl().execute("delete from books");
    }

    @Test
    void a_book_is_opened_again_when_another_opener_began_and_did_not_come_to_the_end() {
        try (var scene = new ClusterScene(journal, store)) {
            var charges = List.of(requestLimit(1000));
            var ids = new ArrayList<UUID>();
            ids.add(used(scene, charges));
            scene.drain();

            store.openBook(ORGANIZATION, 1);
            ids.add(used(scene, charges));

            scene.drain();
            assertThat(store.settled(ORGANIZATION, ids)).containsExactlyInAnyOrderElementsOf(ids);
        }
    }

    @Test
    void without_a_lease_everything_is_refused_in_time_and_goes_on_with_it() {
        var switched = new Switched();
        try (var scene = new ClusterScene(journal, store, JournalSettings.DEFAULT, switched::of)) {
            var charge = requestLimit(1000);
            var first = request(ClusterScene.id(random), List.of(charge));
            assertThatThrownBy(() -> scene.hold(first)).isInstanceOf(Refusal.class);
            // Something waits, so that standings come after it.
            var waiting =
                    scene.books.hold(
                            ORGANIZATION, request(ClusterScene.id(random), List.of(charge)));
            assertThatThrownBy(() -> await(scene.books.standings(ORGANIZATION, List.of(charge))))
                    .isInstanceOf(Refusal.class);
            assertThatThrownBy(() -> await(waiting)).isInstanceOf(Refusal.class);
            assertThatThrownBy(() -> await(scene.books.configure(ORGANIZATION, 1)))
                    .isInstanceOf(Refusal.class);

            switched.grant(1);

            var id = used(scene, List.of(charge));
            scene.drain();
            assertThat(store.settled(ORGANIZATION, List.of(id))).containsExactly(id);
        }
    }

    @Test
    void a_new_term_opens_the_books_a_node_owns_and_books_what_they_have_without_a_call() {
        var switched = new Switched();
        try (var scene = new ClusterScene(journal, store, JournalSettings.DEFAULT, switched::of)) {
            switched.grant(2);
            var charges = List.of(requestLimit(1000));
            var ids = new ArrayList<UUID>();
            for (var i = 0; i < 5; i++) {
                ids.add(used(scene, charges));
            }

            switched.grant(3);

            scene.drain();
            assertThat(store.settled(ORGANIZATION, ids)).containsExactlyInAnyOrderElementsOf(ids);
            assertThat(scene.books.open(ORGANIZATION, Duration.ofSeconds(5))).isTrue();
            assertThat(store.bookTerm(ORGANIZATION)).isEqualTo(3);
        }
    }

    private UUID used(ClusterScene scene, List<BudgetCharge> charges) {
        var id = ClusterScene.id(random);
        assertThat(scene.hold(request(id, charges))).isInstanceOf(Command.Held.class);
        assertThat(scene.settle(id)).hasSize(1);
        return id;
    }

    /// A lease that is given by the test, of a node alone.
    private static final class Switched {
        private final AtomicReference<@Nullable UUID> incarnation = new AtomicReference<>();
        private final AtomicReference<Grants.@Nullable Grant> current = new AtomicReference<>();
        private final List<Consumer<Grants.Grant>> listeners = new CopyOnWriteArrayList<>();

        Grants of(UUID self) {
            incarnation.set(self);
            return new Grants() {
                @Override
                public @Nullable Grant now() {
                    return current.get();
                }

                @Override
                public void outdated(long newest) {
                    var last = current.get();
                    if (last != null && last.term() < newest) {
                        current.compareAndSet(last, null);
                    }
                }

                @Override
                public void onTerm(Consumer<Grant> listener) {
                    listeners.add(listener);
                }
            };
        }

        void grant(long term) {
            var self = incarnation.get();
            assertThat(self).isNotNull();
            var grant = new Grants.Grant(term, List.of(self));
            current.set(grant);
            listeners.forEach(listener -> Thread.startVirtualThread(() -> listener.accept(grant)));
        }
    }
}
