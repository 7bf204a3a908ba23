package dev.tollgate.budget;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// All of a book in a form that is equal for equal books.
///
/// @param state what its image says, without what follows in order
/// @param idle counters that may leave, in the order they would
/// @param needed the others, in any order
record BookContent(
        List<Object> state,
        List<String> idle,
        List<String> needed,
        List<String> holds,
        List<String> entries,
        List<BookImage.OfResult> results) {

    static BookContent of(Book book) {
        var image = book.image();
        var idle = new ArrayList<String>();
        var needed = new ArrayList<String>();
        for (var counter : book.state().counters.all()) {
            (counter.idle ? idle : needed).add(text(counter));
        }
        needed.sort(null);
        return new BookContent(
                List.of(
                        image.version(),
                        image.phase(),
                        image.term(),
                        image.epoch(),
                        image.configVersion(),
                        image.settlingThrough(),
                        image.freshFrom(),
                        image.countersMax(),
                        image.resultsMax(),
                        image.lastSeq(),
                        image.bookedThrough(),
                        book.status()),
                idle,
                needed,
                image.holds().stream().map(BookContent::text).toList(),
                image.entries().stream().map(BookContent::text).toList(),
                image.results());
    }

    /// With what follows from holds and entries.
    private static String text(Counter counter) {
        return counter.image()
                + " so far "
                + counter.soFar.amounts()
                + " held "
                + counter.held.amounts()
                + " holds "
                + counter.openHolds
                + " unbooked "
                + counter.unbooked
                + " in flight "
                + counter.lane.openHolds
                + " lane "
                + counter.lane.counters;
    }

    private static String text(BookImage.OfHold hold) {
        return "%s %s %d %b %s %s %s"
                .formatted(
                        hold.held(),
                        hold.incarnation(),
                        hold.nowMillis(),
                        hold.priced(),
                        hold.soFar(),
                        hold.charges(),
                        new String(hold.facts(), StandardCharsets.UTF_8));
    }

    private static String text(BookImage.OfEntry entry) {
        return "%d %s %s %s %s %s"
                .formatted(
                        entry.entry().seq(),
                        entry.entry().id(),
                        new String(entry.entry().row(), StandardCharsets.UTF_8),
                        entry.entry().alerts(),
                        entry.counters(),
                        entry.used());
    }
}
