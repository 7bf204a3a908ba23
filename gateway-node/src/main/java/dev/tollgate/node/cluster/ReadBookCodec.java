package dev.tollgate.node.cluster;

import static dev.tollgate.node.cluster.ValueCodec.VERSION;

import dev.tollgate.budget.Book;
import dev.tollgate.budget.Command;
import dev.tollgate.budget.OutboxEntry;
import java.util.List;
import java.util.UUID;

/// Questions to a book and their answers as bytes, in the manner of [BookCodec].
final class ReadBookCodec {

    private ReadBookCodec() {}

    static void write(ByteWriter to, ReadBook.Question question) {
        to.writeByte(
                switch (question) {
                    case ReadBook.Unbooked _ -> 1;
                    case ReadBook.Standings _ -> 2;
                    case ReadBook.Status _ -> 3;
                    case ReadBook.Holds _ -> 4;
                    case ReadBook.HoldIds _ -> 5;
                    case ReadBook.Live _ -> 6;
                });
        var mark = to.begin(VERSION);
        switch (question) {
            case ReadBook.Unbooked(var afterSeq, var max) -> {
                to.writeLong(afterSeq);
                to.writeLong(max);
            }
            case ReadBook.Standings(var charges) -> to.writeList(charges, ValueCodec::write);
            case ReadBook.Status() -> {}
            case ReadBook.Live(var keys) -> BookCodec.writeCounters(to, keys);
            case ReadBook.Holds(var incarnations, var after) -> {
                BookCodec.writeIds(to, incarnations);
                to.writeUuid(after);
            }
            case ReadBook.HoldIds(var incarnation, var before, var after) -> {
                to.writeUuid(incarnation);
                to.writeLong(before);
                to.writeUuid(after);
            }
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
                    case 4 -> new ReadBook.Holds(BookCodec.readIds(from), from.readUuid());
                    case 5 ->
                            new ReadBook.HoldIds(from.readUuid(), from.readLong(), from.readUuid());
                    case 6 -> new ReadBook.Live(from.readList(ValueCodec::readCounter));
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
            case ReadBook.Live(var keys) -> write(to, book.live(keys));
            case ReadBook.Holds(var incarnations, var after) ->
                    to.writeList(
                            book.holdsOfOthers(incarnations, after, Command.ITEMS_MAX),
                            ReadBookCodec::write);
            case ReadBook.HoldIds(var incarnation, var before, var after) ->
                    BookCodec.writeIds(
                            to, book.holdsOf(incarnation, before, after, Command.ITEMS_MAX));
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

    static List<Book.HoldOwner> readHoldOwners(byte[] answer) {
        return new ByteReader(answer).readList(ReadBookCodec::readHoldOwner);
    }

    static List<UUID> readHoldIds(byte[] answer) {
        return BookCodec.readIds(new ByteReader(answer));
    }

    private static void write(ByteWriter to, Book.Live live) {
        var mark = to.begin(VERSION);
        to.writeLong(live.epoch());
        to.writeLong(live.bookedThrough());
        to.writeList(live.counters(), ReadBookCodec::write);
        to.end(mark);
    }

    private static void write(ByteWriter to, Book.LiveCounter counter) {
        var mark = to.begin(VERSION);
        ValueCodec.write(to, counter.key());
        ValueCodec.write(to, counter.posted());
        ValueCodec.write(to, counter.unbooked());
        to.end(mark);
    }

    static Book.Live readLive(byte[] answer) {
        var from = new ByteReader(answer);
        var outer = from.enter();
        var live =
                new Book.Live(
                        from.readLong(),
                        from.readLong(),
                        from.readList(ReadBookCodec::readLiveCounter));
        from.leave(outer);
        return live;
    }

    private static Book.LiveCounter readLiveCounter(ByteReader from) {
        var outer = from.enter();
        var counter =
                new Book.LiveCounter(
                        ValueCodec.readCounter(from),
                        ValueCodec.readAmounts(from),
                        ValueCodec.readAmounts(from));
        from.leave(outer);
        return counter;
    }

    private static void write(ByteWriter to, Book.HoldOwner hold) {
        var mark = to.begin(VERSION);
        to.writeUuid(hold.id());
        to.writeUuid(hold.incarnation());
        to.end(mark);
    }

    private static Book.HoldOwner readHoldOwner(ByteReader from) {
        var outer = from.enter();
        var hold = new Book.HoldOwner(from.readUuid(), from.readUuid());
        from.leave(outer);
        return hold;
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
        to.writeLong(status.version());
        BookImageCodec.writePhase(to, status.phase());
        to.end(mark);
    }

    static Book.Status readStatus(byte[] answer) {
        var from = new ByteReader(answer);
        var outer = from.enter();
        var open = from.readBoolean();
        var term = from.readLong();
        var epoch = from.readLong();
        var configVersion = from.readLong();
        var bookedThrough = from.readLong();
        var lastSeq = from.readLong();
        var settling = from.readBoolean();
        var holds = (int) from.readLong();
        var entries = (int) from.readLong();
        var entryBytes = from.readLong();
        var counters = (int) from.readLong();
        var results = (int) from.readLong();
        var version = from.readLong();
        var phase = BookImageCodec.readPhase(from);
        var status =
                new Book.Status(
                        version,
                        open ? Book.Phase.OPEN : phase,
                        term,
                        epoch,
                        configVersion,
                        bookedThrough,
                        lastSeq,
                        settling,
                        holds,
                        entries,
                        entryBytes,
                        counters,
                        results);
        from.leave(outer);
        return status;
    }
}
