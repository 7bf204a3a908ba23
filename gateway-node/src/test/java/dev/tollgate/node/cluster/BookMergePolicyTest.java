package dev.tollgate.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.hazelcast.spi.merge.MergingEntry;
import dev.tollgate.budget.Book;
import dev.tollgate.budget.Command;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BookMergePolicyTest {

    private final BookMergePolicy policy = new BookMergePolicy();

    /// Term, epoch and further changes of the copy that is merged and of the one that is there.
    @ParameterizedTest
    @CsvSource({
        "5,9,0, 4,8,9, true",
        "4,8,9, 5,9,0, false",
        "5,3,0, 5,2,9, true",
        "5,2,9, 5,3,0, false",
        "5,2,3, 5,2,2, true",
        "5,2,2, 5,2,3, false",
        "5,2,2, 5,2,2, false"
    })
    void the_copy_of_the_later_opening_stays_then_version(
            long term,
            long epoch,
            int changes,
            long termThere,
            long epochThere,
            int changesThere,
            boolean merged) {
        var merging = new Copy(book(term, epoch, changes));
        var existing = new Copy(book(termThere, epochThere, changesThere));

        assertThat(policy.merge(merging, existing))
                .isSameAs(merged ? merging.book() : existing.book());
    }

    @Test
    void a_copy_that_a_newer_term_only_shut_does_not_beat_a_later_opening() {
        var shut = book(5, 5, 0);
        shut.apply(new Command.Configure(7, 1));
        var opened = book(6, 6, 0);

        assertThat(policy.merge(new Copy(shut), new Copy(opened))).isSameAs(opened);
        assertThat(policy.merge(new Copy(opened), new Copy(shut))).isSameAs(opened);
    }

    @Test
    void where_there_is_no_copy_the_merged_one_stays() {
        var merging = new Copy(book(1, 1, 0));

        assertThat(policy.merge(merging, null)).isSameAs(merging.book());
    }

    private static Book book(long term, long epoch, int changes) {
        var book = new Book();
        book.apply(new Command.Open(term, epoch, 1, 0, List.of(), List.of()));
        for (var version = 2; version < changes + 2; version++) {
            book.apply(new Command.Configure(term, version));
        }
        return book;
    }

    private record Copy(Book book) implements MergingEntry<String, Book> {
        @Override
        public String getKey() {
            return "o";
        }

        @Override
        public String getRawKey() {
            return "o";
        }

        @Override
        public Book getDeserializedValue() {
            return book;
        }

        @Override
        public Book getRawValue() {
            return book;
        }
    }
}
