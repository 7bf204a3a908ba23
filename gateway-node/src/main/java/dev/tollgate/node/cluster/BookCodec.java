package dev.tollgate.node.cluster;

import static dev.tollgate.node.cluster.ValueCodec.VERSION;

import dev.tollgate.budget.Answers;
import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.Command;
import dev.tollgate.budget.CounterKey;
import dev.tollgate.budget.Standing;
import java.util.List;
import java.util.UUID;

/// Commands and results as bytes, for other members and for the journal.
///
/// Each begins with the number of its kind, its version and its length, so that members of
/// different versions read each other: fields that a newer one added are skipped, fields that an
/// older one lacks are zero or empty. Numbers of kinds are never given twice.
final class BookCodec {

    private static final ThreadLocal<ByteWriter> WRITERS = ThreadLocal.withInitial(ByteWriter::new);

    private BookCodec() {}

    static byte[] toBytes(Command command) {
        var to = WRITERS.get().clear();
        write(to, command);
        return to.toBytes();
    }

    static byte[] toBytes(Answers answers) {
        var to = WRITERS.get().clear();
        var mark = to.begin(VERSION);
        to.writeLong(answers.term());
        to.writeLong(answers.epoch());
        to.writeLong(answers.bookedThrough());
        to.writeList(answers.results(), BookCodec::write);
        to.end(mark);
        return to.toBytes();
    }

    static Answers readAnswers(ByteReader from) {
        var outer = from.enter();
        var answers =
                new Answers(
                        from.readLong(),
                        from.readLong(),
                        from.readLong(),
                        from.readList(BookCodec::readResult));
        from.leave(outer);
        return answers;
    }

    static void write(ByteWriter to, Command command) {
        to.writeByte(
                switch (command) {
                    case Command.Hold _ -> 1;
                    case Command.Checkpoint _ -> 2;
                    case Command.Settle _ -> 3;
                    case Command.Charge _ -> 4;
                    case Command.Seed _ -> 5;
                    case Command.Booked _ -> 6;
                    case Command.Open _ -> 7;
                    case Command.Orphan _ -> 8;
                    case Command.Configure _ -> 9;
                    case Command.Correct _ -> 10;
                    case Command.Reseed _ -> 11;
                    case Command.Next _ -> 12;
                    case Command.Extend _ -> 13;
                });
        var mark = to.begin(VERSION);
        switch (command) {
            case Command.Hold hold -> writeHold(to, hold);
            case Command.Checkpoint checkpoint -> {
                to.writeUuid(checkpoint.id());
                to.writeLong(checkpoint.term());
                ValueCodec.write(to, checkpoint.soFar());
            }
            case Command.Settle settle -> {
                to.writeUuid(settle.id());
                to.writeLong(settle.term());
                to.writeLong(settle.nowMillis());
                ValueCodec.write(to, settle.used());
                to.writeBytes(settle.outcome());
                writeIds(to, settle.acknowledged());
            }
            case Command.Charge charge -> {
                to.writeUuid(charge.id());
                to.writeUuid(charge.incarnation());
                to.writeLong(charge.term());
                to.writeLong(charge.configVersion());
                to.writeLong(charge.nowMillis());
                writeCharges(to, charge.charges());
                to.writeBytes(charge.row());
                writeIds(to, charge.acknowledged());
            }
            case Command.Seed seed -> {
                to.writeLong(seed.term());
                to.writeLong(seed.epoch());
                to.writeLong(seed.bookedThrough());
                to.writeList(seed.counters(), BookCodec::writeSeeded);
            }
            case Command.Booked booked -> {
                to.writeLong(booked.term());
                to.writeLong(booked.epoch());
                to.writeLong(booked.through());
            }
            case Command.Open open -> {
                to.writeLong(open.term());
                to.writeLong(open.epoch());
                to.writeLong(open.configVersion());
                to.writeLong(open.openedMillis());
                to.writeList(open.holds(), BookCodec::write);
                to.writeList(open.entries(), BookCodec::writePresent);
                to.writeBoolean(open.last());
                writeIds(to, open.members());
                writeIds(to, open.gone());
                // What lacks it begins.
                to.writeBoolean(!open.first());
            }
            case Command.Orphan orphan -> {
                to.writeUuid(orphan.incarnation());
                to.writeLong(orphan.term());
                to.writeLong(orphan.nowMillis());
            }
            case Command.Configure configure -> {
                to.writeLong(configure.term());
                to.writeLong(configure.configVersion());
            }
            case Command.Correct correct -> {
                to.writeUuid(correct.id());
                to.writeLong(correct.term());
                to.writeLong(correct.nowMillis());
                to.writeUuid(correct.incarnation());
                writeCharges(to, correct.charges());
                ValueCodec.write(to, correct.used());
                to.writeBytes(correct.row());
            }
            case Command.Reseed reseed -> {
                to.writeLong(reseed.term());
                writeCounters(to, reseed.counters());
            }
            case Command.Next next -> {
                write(to, next.settle());
                write(to, next.hold());
            }
            case Command.Extend extend -> {
                to.writeUuid(extend.id());
                to.writeLong(extend.term());
                ValueCodec.write(to, extend.ask());
            }
        }
        to.end(mark);
    }

    /// @throws IllegalArgumentException for a kind this version does not know, or malformed bytes
    static Command readCommand(ByteReader from) {
        var kind = from.readByte();
        var outer = from.enter();
        var command =
                switch (kind) {
                    case 1 -> readHold(from);
                    case 2 ->
                            new Command.Checkpoint(
                                    from.readUuid(), from.readLong(), ValueCodec.readAmounts(from));
                    case 3 ->
                            new Command.Settle(
                                    from.readUuid(),
                                    from.readLong(),
                                    from.readLong(),
                                    ValueCodec.readAmounts(from),
                                    from.readBytes(),
                                    readIds(from));
                    case 4 ->
                            new Command.Charge(
                                    from.readUuid(),
                                    from.readUuid(),
                                    from.readLong(),
                                    from.readLong(),
                                    from.readLong(),
                                    readCharges(from),
                                    from.readBytes(),
                                    readIds(from));
                    case 5 ->
                            new Command.Seed(
                                    from.readLong(),
                                    from.readLong(),
                                    from.readLong(),
                                    from.readList(BookCodec::readSeeded));
                    case 6 -> new Command.Booked(from.readLong(), from.readLong(), from.readLong());
                    case 7 -> readOpen(from);
                    case 8 -> new Command.Orphan(from.readUuid(), from.readLong(), from.readLong());
                    case 9 -> new Command.Configure(from.readLong(), from.readLong());
                    case 10 ->
                            new Command.Correct(
                                    from.readUuid(),
                                    from.readLong(),
                                    from.readLong(),
                                    from.readUuid(),
                                    readCharges(from),
                                    ValueCodec.readAmounts(from),
                                    from.readBytes());
                    case 11 ->
                            new Command.Reseed(
                                    from.readLong(), from.readList(ValueCodec::readCounter));
                    case 12 -> new Command.Next(readSettle(from), readHeldOpen(from));
                    case 13 ->
                            new Command.Extend(
                                    from.readUuid(), from.readLong(), ValueCodec.readAsk(from));
                    default -> throw unknown("command", kind);
                };
        from.leave(outer);
        return command;
    }

    static void write(ByteWriter to, Command.Result result) {
        to.writeByte(
                switch (result) {
                    case Command.Held _ -> 1;
                    case Command.Exhausted _ -> 2;
                    case Command.Crowded _ -> 3;
                    case Command.Stale _ -> 4;
                    case Command.Unseeded _ -> 5;
                    case Command.Full _ -> 6;
                    case Command.Checkpointed _ -> 7;
                    case Command.Settled _ -> 8;
                    case Command.SeedTaken _ -> 9;
                    case Command.BookedIds _ -> 10;
                    case Command.Opened _ -> 11;
                    case Command.Orphaned _ -> 12;
                    case Command.Configured _ -> 13;
                    case Command.NotOpen _ -> 14;
                    case Command.OldTerm _ -> 15;
                    case Command.Closed _ -> 16;
                    case Command.Reseeded _ -> 17;
                    case Command.NextResult _ -> 18;
                    case Command.Failed _ -> 19;
                    case Command.RateLimited _ -> 20;
                    case Command.Unsettled _ -> 21;
                    case Command.Extended _ -> 22;
                });
        var mark = to.begin(VERSION);
        switch (result) {
            case Command.Held held -> {
                to.writeUuid(held.id());
                to.writeLong(held.outputGranted());
                ValueCodec.write(to, held.held());
                writeStandings(to, held.tightest());
                ValueCodec.write(to, held.elastic());
            }
            case Command.Exhausted exhausted -> {
                ValueCodec.write(to, exhausted.standing());
                ValueCodec.writeMeasure(to, exhausted.measure());
                to.writeLong(exhausted.asked());
                to.writeLong(exhausted.ceiling());
                to.writeText(exhausted.action());
                to.writeBoolean(exhausted.freeable());
            }
            case Command.Crowded crowded -> {
                to.writeText(crowded.budget());
                to.writeText(crowded.subject());
                to.writeLong(crowded.concurrentMax());
            }
            case Command.RateLimited limited -> {
                ValueCodec.write(to, limited.counter());
                to.writeText(limited.budget());
                ValueCodec.write(to, limited.rate());
                to.writeBoolean(limited.throttled());
                to.writeLong(limited.asked());
                to.writeLong(limited.left());
                to.writeLong(limited.waitMillis());
            }
            case Command.Stale stale -> to.writeLong(stale.configVersion());
            case Command.Unseeded unseeded -> writeCounters(to, unseeded.counters());
            case Command.Full full -> to.writeText(full.what());
            case Command.Settled settled -> {
                to.writeLong(settled.seq());
                to.writeBoolean(settled.overrun());
                writeStandings(to, settled.tightest());
            }
            case Command.SeedTaken seed -> to.writeBoolean(seed.taken());
            case Command.BookedIds booked -> writeIds(to, booked.ids());
            case Command.Opened opened -> to.writeLong(opened.epoch());
            case Command.Orphaned orphaned -> to.writeLong(orphaned.holds());
            case Command.Configured configured -> to.writeLong(configured.configVersion());
            case Command.OldTerm old -> to.writeLong(old.term());
            case Command.Reseeded reseeded -> to.writeLong(reseeded.counters());
            case Command.NextResult next -> {
                write(to, next.settled());
                write(to, next.hold());
            }
            case Command.Extended extended -> to.writeLong(extended.outputTokens());
            case Command.Failed failed -> to.writeText(failed.reason());
            case Command.Checkpointed _,
                    Command.NotOpen _,
                    Command.Closed _,
                    Command.Unsettled _ -> {}
        }
        to.end(mark);
    }

    /// @throws IllegalArgumentException for a kind this version does not know, or malformed bytes
    static Command.Result readResult(ByteReader from) {
        var kind = from.readByte();
        var outer = from.enter();
        var result =
                switch (kind) {
                    case 1 ->
                            new Command.Held(
                                    from.readUuid(),
                                    from.readLong(),
                                    ValueCodec.readAmounts(from),
                                    readStandings(from),
                                    ValueCodec.readElastic(from));
                    case 2 ->
                            new Command.Exhausted(
                                    ValueCodec.readStanding(from),
                                    ValueCodec.readMeasure(from),
                                    from.readLong(),
                                    from.readLong(),
                                    from.readText(),
                                    from.readBoolean());
                    case 3 ->
                            new Command.Crowded(
                                    from.readText(), from.readText(), (int) from.readLong());
                    case 4 -> new Command.Stale(from.readLong());
                    case 5 -> new Command.Unseeded(from.readList(ValueCodec::readCounter));
                    case 6 -> new Command.Full(from.readText());
                    case 7 -> new Command.Checkpointed();
                    case 8 ->
                            new Command.Settled(
                                    from.readLong(), from.readBoolean(), readStandings(from));
                    case 9 -> new Command.SeedTaken(from.readBoolean());
                    case 10 -> new Command.BookedIds(readIds(from));
                    case 11 -> new Command.Opened(from.readLong());
                    case 12 -> new Command.Orphaned((int) from.readLong());
                    case 13 -> new Command.Configured(from.readLong());
                    case 14 -> new Command.NotOpen();
                    case 15 -> new Command.OldTerm(from.readLong());
                    case 16 -> new Command.Closed();
                    case 17 -> new Command.Reseeded((int) from.readLong());
                    case 18 -> new Command.NextResult(readSettleResult(from), readHoldResult(from));
                    case 19 -> new Command.Failed(from.readText());
                    case 20 ->
                            new Command.RateLimited(
                                    ValueCodec.readCounter(from),
                                    from.readText(),
                                    ValueCodec.readRate(from),
                                    from.readBoolean(),
                                    from.readLong(),
                                    from.readLong(),
                                    from.readLong());
                    case 21 -> new Command.Unsettled();
                    case 22 -> new Command.Extended(from.readLong());
                    default -> throw unknown("result", kind);
                };
        from.leave(outer);
        return result;
    }

    private static void writeHold(ByteWriter to, Command.Hold hold) {
        to.writeUuid(hold.id());
        to.writeUuid(hold.incarnation());
        to.writeLong(hold.term());
        to.writeLong(hold.configVersion());
        to.writeLong(hold.nowMillis());
        ValueCodec.write(to, hold.ask());
        writeCharges(to, hold.charges());
        to.writeBytes(hold.facts());
        writeIds(to, hold.acknowledged());
    }

    private static Command.Hold readHold(ByteReader from) {
        return new Command.Hold(
                from.readUuid(),
                from.readUuid(),
                from.readLong(),
                from.readLong(),
                from.readLong(),
                ValueCodec.readAsk(from),
                readCharges(from),
                from.readBytes(),
                readIds(from));
    }

    private static Command.Open readOpen(ByteReader from) {
        var term = from.readLong();
        var epoch = from.readLong();
        var configVersion = from.readLong();
        var openedMillis = from.readLong();
        var holds = from.readList(BookCodec::readHeldOpen);
        var entries = from.readList(BookCodec::readPresent);
        var last = from.readBoolean();
        var members = readIds(from);
        var gone = readIds(from);
        var first = !from.readBoolean();
        return new Command.Open(
                term,
                epoch,
                configVersion,
                openedMillis,
                members,
                holds,
                entries,
                gone,
                first,
                last);
    }

    private static Command.Hold readHeldOpen(ByteReader from) {
        if (readCommand(from) instanceof Command.Hold hold) {
            return hold;
        }
        throw new IllegalArgumentException("encoded value: another command than a hold");
    }

    private static Command.Settle readSettle(ByteReader from) {
        if (readCommand(from) instanceof Command.Settle settle) {
            return settle;
        }
        throw new IllegalArgumentException("encoded value: another command than a settlement");
    }

    static Command.SettleResult readSettleResult(ByteReader from) {
        if (readResult(from) instanceof Command.SettleResult result) {
            return result;
        }
        throw new IllegalArgumentException("encoded value: no result of a settlement");
    }

    private static Command.HoldResult readHoldResult(ByteReader from) {
        if (readResult(from) instanceof Command.HoldResult result) {
            return result;
        }
        throw new IllegalArgumentException("encoded value: no result of a hold");
    }

    private static void writeSeeded(ByteWriter to, Command.Seed.Seeded seeded) {
        var mark = to.begin(VERSION);
        ValueCodec.write(to, seeded.counter());
        to.writeLong(seeded.windowEnd());
        ValueCodec.write(to, seeded.posted());
        to.end(mark);
    }

    private static Command.Seed.Seeded readSeeded(ByteReader from) {
        var outer = from.enter();
        var seeded =
                new Command.Seed.Seeded(
                        ValueCodec.readCounter(from),
                        from.readLong(),
                        ValueCodec.readAmounts(from));
        from.leave(outer);
        return seeded;
    }

    static void writePresent(ByteWriter to, Command.Open.Present present) {
        var mark = to.begin(VERSION);
        to.writeUuid(present.id());
        writeCharges(to, present.charges());
        ValueCodec.write(to, present.used());
        to.writeBytes(present.row());
        to.writeUuid(present.incarnation());
        to.end(mark);
    }

    static Command.Open.Present readPresent(ByteReader from) {
        var outer = from.enter();
        var id = from.readUuid();
        var charges = readCharges(from);
        var used = ValueCodec.readAmounts(from);
        var row = from.readBytes();
        var incarnation = from.readUuid();
        var present = new Command.Open.Present(id, incarnation, charges, used, row);
        from.leave(outer);
        return present;
    }

    private static void writeCharges(ByteWriter to, List<BudgetCharge> charges) {
        to.writeList(charges, ValueCodec::write);
    }

    private static List<BudgetCharge> readCharges(ByteReader from) {
        return from.readList(ValueCodec::readCharge);
    }

    static void writeStandings(ByteWriter to, List<Standing> standings) {
        to.writeList(standings, ValueCodec::write);
    }

    static List<Standing> readStandings(ByteReader from) {
        return from.readList(ValueCodec::readStanding);
    }

    static void writeCounters(ByteWriter to, List<CounterKey> counters) {
        to.writeList(counters, ValueCodec::write);
    }

    static void writeIds(ByteWriter to, List<UUID> ids) {
        to.writeList(ids, ByteWriter::writeUuid);
    }

    static List<UUID> readIds(ByteReader from) {
        return from.readList(ByteReader::readUuid);
    }

    private static IllegalArgumentException unknown(String what, int kind) {
        return new IllegalArgumentException("encoded value: " + what + " of unknown kind " + kind);
    }
}
