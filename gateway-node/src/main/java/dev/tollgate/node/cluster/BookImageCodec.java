package dev.tollgate.node.cluster;

import static dev.tollgate.node.cluster.ValueCodec.VERSION;

import dev.tollgate.budget.Book;
import dev.tollgate.budget.BookImage;
import dev.tollgate.budget.Command;
import java.util.List;

/// Whole books as bytes, for their moves between members, in the manner of [BookCodec].
final class BookImageCodec {

    /// By the numbers they are written as, which never change.
    private static final List<Book.Phase> PHASES =
            List.of(Book.Phase.SHUT, Book.Phase.OPENING, Book.Phase.OPEN);

    private BookImageCodec() {}

    static void writePhase(ByteWriter to, Book.Phase phase) {
        to.writeByte(PHASES.indexOf(phase));
    }

    static Book.Phase readPhase(ByteReader from) {
        var number = from.readByte();
        if (number < 0 || number >= PHASES.size()) {
            throw new IllegalArgumentException("encoded value: phase " + number);
        }
        return PHASES.get(number);
    }

    static void write(ByteWriter to, BookImage image) {
        var mark = to.begin(VERSION);
        to.writeLong(image.version());
        writePhase(to, image.phase());
        to.writeLong(image.term());
        to.writeLong(image.epoch());
        to.writeLong(image.configVersion());
        to.writeLong(image.settlingThrough());
        to.writeLong(image.freshFrom());
        to.writeLong(image.countersMax());
        to.writeLong(image.resultsMax());
        to.writeLong(image.lastSeq());
        to.writeLong(image.bookedThrough());
        to.writeList(image.counters(), BookImageCodec::write);
        to.writeList(image.holds(), BookImageCodec::write);
        to.writeList(image.entries(), BookImageCodec::write);
        to.writeList(image.results(), BookImageCodec::write);
        to.writeList(image.levels(), ValueCodec::write);
        to.end(mark);
    }

    static BookImage read(ByteReader from) {
        var outer = from.enter();
        var image =
                new BookImage(
                        from.readLong(),
                        readPhase(from),
                        from.readLong(),
                        from.readLong(),
                        from.readLong(),
                        from.readLong(),
                        from.readLong(),
                        (int) from.readLong(),
                        (int) from.readLong(),
                        from.readLong(),
                        from.readLong(),
                        from.readList(BookImageCodec::readCounter),
                        from.readList(BookImageCodec::readHold),
                        from.readList(BookImageCodec::readEntry),
                        from.readList(BookImageCodec::readResult),
                        from.readList(ValueCodec::readLevel));
        from.leave(outer);
        return image;
    }

    private static void write(ByteWriter to, BookImage.OfCounter counter) {
        var mark = to.begin(VERSION);
        ValueCodec.write(to, counter.key());
        to.writeLong(counter.windowEnd());
        to.writeBoolean(counter.seeded());
        ValueCodec.write(to, counter.settled());
        ValueCodec.write(to, counter.seed());
        to.writeList(counter.crossed(), BookImageCodec::write);
        to.end(mark);
    }

    private static BookImage.OfCounter readCounter(ByteReader from) {
        var outer = from.enter();
        var counter =
                new BookImage.OfCounter(
                        ValueCodec.readCounter(from),
                        from.readLong(),
                        from.readBoolean(),
                        ValueCodec.readAmounts(from),
                        ValueCodec.readAmounts(from),
                        from.readList(BookImageCodec::readCrossed));
        from.leave(outer);
        return counter;
    }

    private static void write(ByteWriter to, BookImage.Crossed crossed) {
        var mark = to.begin(VERSION);
        ValueCodec.writeMeasure(to, crossed.measure());
        to.writeLong(crossed.perMille());
        to.writeLong(crossed.limit());
        to.end(mark);
    }

    private static BookImage.Crossed readCrossed(ByteReader from) {
        var outer = from.enter();
        var crossed =
                new BookImage.Crossed(
                        ValueCodec.readMeasure(from), (int) from.readLong(), from.readLong());
        from.leave(outer);
        return crossed;
    }

    private static void write(ByteWriter to, BookImage.OfHold hold) {
        var mark = to.begin(VERSION);
        BookCodec.write(to, hold.held());
        to.writeUuid(hold.incarnation());
        to.writeLong(hold.nowMillis());
        to.writeBoolean(hold.priced());
        ValueCodec.write(to, hold.soFar());
        to.writeList(hold.charges(), ValueCodec::write);
        to.writeBytes(hold.facts());
        to.writeList(hold.draws(), ValueCodec::write);
        to.end(mark);
    }

    private static BookImage.OfHold readHold(ByteReader from) {
        var outer = from.enter();
        if (!(BookCodec.readResult(from) instanceof Command.Held held)) {
            throw new IllegalArgumentException("encoded value: an open hold without its answer");
        }
        var hold =
                new BookImage.OfHold(
                        held,
                        from.readUuid(),
                        from.readLong(),
                        from.readBoolean(),
                        ValueCodec.readAmounts(from),
                        from.readList(ValueCodec::readCharge),
                        from.readBytes(),
                        from.readList(ValueCodec::readDraw));
        from.leave(outer);
        return hold;
    }

    private static void write(ByteWriter to, BookImage.OfEntry entry) {
        var mark = to.begin(VERSION);
        ValueCodec.write(to, entry.entry());
        BookCodec.writeCounters(to, entry.counters());
        ValueCodec.write(to, entry.used());
        to.end(mark);
    }

    private static BookImage.OfEntry readEntry(ByteReader from) {
        var outer = from.enter();
        var entry =
                new BookImage.OfEntry(
                        ValueCodec.readEntry(from),
                        from.readList(ValueCodec::readCounter),
                        ValueCodec.readAmounts(from));
        from.leave(outer);
        return entry;
    }

    private static void write(ByteWriter to, BookImage.OfResult result) {
        var mark = to.begin(VERSION);
        to.writeUuid(result.id());
        to.writeUuid(result.owner());
        BookCodec.write(to, result.result());
        to.writeLong(result.seq());
        to.writeBoolean(result.booked());
        to.writeBoolean(result.acknowledged());
        to.end(mark);
    }

    private static BookImage.OfResult readResult(ByteReader from) {
        var outer = from.enter();
        var result =
                new BookImage.OfResult(
                        from.readUuid(),
                        from.readUuid(),
                        BookCodec.readSettleResult(from),
                        from.readLong(),
                        from.readBoolean(),
                        from.readBoolean());
        from.leave(outer);
        return result;
    }
}
