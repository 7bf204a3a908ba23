package dev.tollgate.node.cluster;

import static dev.tollgate.node.cluster.ValueCodec.VERSION;

import dev.tollgate.budget.Book;
import dev.tollgate.budget.OutboxEntry;
import java.util.List;

/// Questions to a book and their answers as bytes, in the manner of [BookCodec].
final class ReadBookCodec {

    private ReadBookCodec() {}

    static void write(ByteWriter to, ReadBook.Question question) {
        to.writeByte(
                switch (question) {
                    case ReadBook.Unbooked _ -> 1;
                    case ReadBook.Standings _ -> 2;
                    case ReadBook.Status _ -> 3;
                });
        var mark = to.begin(VERSION);
        switch (question) {
            case ReadBook.Unbooked(var afterSeq, var max) -> {
                to.writeLong(afterSeq);
                to.writeLong(max);
            }
            case ReadBook.Standings(var charges) -> to.writeList(charges, ValueCodec::write);
            case ReadBook.Status() -> {}
        }
        to.end(mark);
    }

    static ReadBook.Question readQuestion(ByteReader from) {
        var kind = from.readByte();
        var outer = from.enter();
        var question =
                switch (kind) {
                    case 1 -> new ReadBook.Unbooked(from.readLong(), (int) from.readLong());
                    case 2 -> new ReadBook.Standings(from.readList(ValueCodec::readCharge));
                    case 3 -> new ReadBook.Status();
                    default ->
                            throw new IllegalArgumentException(
                                    "encoded value: question of unknown kind " + kind);
                };
        from.leave(outer);
        return question;
    }

    static byte[] answer(Book book, ReadBook.Question question) {
        var to = new ByteWriter();
        switch (question) {
            case ReadBook.Unbooked(var afterSeq, var max) ->
                    to.writeList(book.unbooked(afterSeq, max), ValueCodec::write);
            case ReadBook.Standings(var charges) -> {
                var standings = book.standings(charges);
                BookCodec.writeStandings(to, standings.known());
                BookCodec.writeCounters(to, standings.unknown());
            }
            case ReadBook.Status() -> write(to, book.status());
        }
        return to.toBytes();
    }

    static List<OutboxEntry> readEntries(byte[] answer) {
        return new ByteReader(answer).readList(ValueCodec::readEntry);
    }

    static Book.Standings readStandings(byte[] answer) {
        var from = new ByteReader(answer);
        return new Book.Standings(
                BookCodec.readStandings(from), from.readList(ValueCodec::readCounter));
    }

    private static void write(ByteWriter to, Book.Status status) {
        var mark = to.begin(VERSION);
        to.writeBoolean(status.open());
        to.writeLong(status.term());
        to.writeLong(status.epoch());
        to.writeLong(status.configVersion());
        to.writeLong(status.bookedThrough());
        to.writeLong(status.lastSeq());
        to.writeBoolean(status.settling());
        to.writeLong(status.holds());
        to.writeLong(status.entries());
        to.writeLong(status.entryBytes());
        to.writeLong(status.counters());
        to.writeLong(status.results());
        to.end(mark);
    }

    static Book.Status readStatus(byte[] answer) {
        var from = new ByteReader(answer);
        var outer = from.enter();
        var status =
                new Book.Status(
                        from.readBoolean(),
                        from.readLong(),
                        from.readLong(),
                        from.readLong(),
                        from.readLong(),
                        from.readLong(),
                        from.readBoolean(),
                        (int) from.readLong(),
                        (int) from.readLong(),
                        from.readLong(),
                        (int) from.readLong(),
                        (int) from.readLong());
        from.leave(outer);
        return status;
    }
}
