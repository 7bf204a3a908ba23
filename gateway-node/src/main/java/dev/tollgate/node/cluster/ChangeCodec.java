package dev.tollgate.node.cluster;

import static dev.tollgate.node.cluster.ValueCodec.VERSION;

import dev.tollgate.budget.Change;
import dev.tollgate.budget.Command;

/// Changes of a book as bytes, for its backups, in the manner of [BookCodec].
final class ChangeCodec {

    private ChangeCodec() {}

    static void write(ByteWriter to, Change change) {
        to.writeByte(
                switch (change) {
                    case Change.Shut _ -> 1;
                    case Change.Acknowledge _ -> 2;
                    case Change.Take _ -> 3;
                    case Change.Rejoin _ -> 4;
                    case Change.Checkpoint _ -> 5;
                    case Change.Settle _ -> 6;
                    case Change.Charge _ -> 7;
                    case Change.Join _ -> 8;
                    case Change.Seed _ -> 9;
                    case Change.Unseed _ -> 10;
                    case Change.Booked _ -> 11;
                    case Change.Configure _ -> 12;
                    case Change.Begin _ -> 13;
                    case Change.Drop _ -> 14;
                    case Change.Finish _ -> 15;
                    case Change.Fill _ -> 16;
                    case Change.Extend _ -> 17;
                });
        var mark = to.begin(VERSION);
        switch (change) {
            case Change.Shut shut -> to.writeLong(shut.term());
            case Change.Acknowledge acknowledge -> BookCodec.writeIds(to, acknowledge.ids());
            case Change.Take take -> {
                BookCodec.write(to, take.hold());
                to.writeLong(take.outputGranted());
                ValueCodec.write(to, take.amounts());
                to.writeLong(take.tightest());
                to.writeList(take.draws(), ValueCodec::write);
                ValueCodec.write(to, take.elastic());
            }
            case Change.Rejoin rejoin -> {
                BookCodec.write(to, rejoin.hold());
                ValueCodec.write(to, rejoin.amounts());
                to.writeList(rejoin.draws(), ValueCodec::write);
                ValueCodec.write(to, rejoin.elastic());
            }
            case Change.Extend extend -> {
                to.writeUuid(extend.id());
                ValueCodec.write(to, extend.elastic());
            }
            case Change.Fill fill -> to.writeList(fill.levels(), ValueCodec::write);
            case Change.Checkpoint checkpoint -> {
                to.writeUuid(checkpoint.id());
                ValueCodec.write(to, checkpoint.soFar());
            }
            case Change.Settle settle -> {
                to.writeUuid(settle.id());
                ValueCodec.write(to, settle.used());
                to.writeBytes(settle.outcome());
                to.writeBoolean(settle.overrun());
                to.writeLong(settle.tightest());
                to.writeList(settle.alerts(), ValueCodec::write);
                to.writeBoolean(settle.orphan());
            }
            case Change.Charge charge -> {
                BookCodec.write(to, charge.charge());
                ValueCodec.write(to, charge.used());
                to.writeLong(charge.tightest());
                to.writeList(charge.alerts(), ValueCodec::write);
            }
            case Change.Join join -> BookCodec.writePresent(to, join.entry());
            case Change.Seed seed -> BookCodec.write(to, seed.seed());
            case Change.Unseed unseed -> BookCodec.writeCounters(to, unseed.counters());
            case Change.Booked booked -> to.writeLong(booked.through());
            case Change.Configure configure -> to.writeLong(configure.configVersion());
            case Change.Begin begin -> {
                to.writeLong(begin.term());
                to.writeLong(begin.epoch());
                to.writeLong(begin.configVersion());
                to.writeLong(begin.openedMillis());
                BookCodec.writeIds(to, begin.members());
                to.writeLong(begin.countersMax());
                to.writeLong(begin.resultsMax());
            }
            case Change.Drop drop -> BookCodec.writeIds(to, drop.ids());
            case Change.Finish _ -> {}
        }
        to.end(mark);
    }

    /// @throws IllegalArgumentException for a kind this version does not know, or malformed bytes
    static Change read(ByteReader from) {
        var kind = from.readByte();
        var outer = from.enter();
        var change =
                switch (kind) {
                    case 1 -> new Change.Shut(from.readLong());
                    case 2 -> new Change.Acknowledge(BookCodec.readIds(from));
                    case 3 ->
                            new Change.Take(
                                    read(from, Command.Hold.class),
                                    from.readLong(),
                                    ValueCodec.readAmounts(from),
                                    (int) from.readLong(),
                                    from.readList(ValueCodec::readDraw),
                                    ValueCodec.readElastic(from));
                    case 4 ->
                            new Change.Rejoin(
                                    read(from, Command.Hold.class),
                                    ValueCodec.readAmounts(from),
                                    from.readList(ValueCodec::readDraw),
                                    ValueCodec.readElastic(from));
                    case 5 -> new Change.Checkpoint(from.readUuid(), ValueCodec.readAmounts(from));
                    case 6 ->
                            new Change.Settle(
                                    from.readUuid(),
                                    ValueCodec.readAmounts(from),
                                    from.readBytes(),
                                    from.readBoolean(),
                                    (int) from.readLong(),
                                    from.readList(ValueCodec::readCrossing),
                                    from.readBoolean());
                    case 7 ->
                            new Change.Charge(
                                    read(from, Command.Charge.class),
                                    ValueCodec.readAmounts(from),
                                    (int) from.readLong(),
                                    from.readList(ValueCodec::readCrossing));
                    case 8 -> new Change.Join(BookCodec.readPresent(from));
                    case 9 -> new Change.Seed(read(from, Command.Seed.class));
                    case 10 -> new Change.Unseed(from.readList(ValueCodec::readCounter));
                    case 11 -> new Change.Booked(from.readLong());
                    case 12 -> new Change.Configure(from.readLong());
                    case 13 ->
                            new Change.Begin(
                                    from.readLong(),
                                    from.readLong(),
                                    from.readLong(),
                                    from.readLong(),
                                    BookCodec.readIds(from),
                                    (int) from.readLong(),
                                    (int) from.readLong());
                    case 14 -> new Change.Drop(BookCodec.readIds(from));
                    case 15 -> new Change.Finish();
                    case 16 -> new Change.Fill(from.readList(ValueCodec::readLevel));
                    case 17 -> new Change.Extend(from.readUuid(), ValueCodec.readElastic(from));
                    default ->
                            throw new IllegalArgumentException(
                                    "encoded value: change of unknown kind " + kind);
                };
        from.leave(outer);
        return change;
    }

    private static <C extends Command> C read(ByteReader from, Class<C> kind) {
        var command = BookCodec.readCommand(from);
        if (!kind.isInstance(command)) {
            throw new IllegalArgumentException(
                    "encoded value: a %s (expected: a %s)"
                            .formatted(command.getClass().getSimpleName(), kind.getSimpleName()));
        }
        return kind.cast(command);
    }
}
