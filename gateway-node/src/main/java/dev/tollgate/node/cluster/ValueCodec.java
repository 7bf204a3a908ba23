package dev.tollgate.node.cluster;

import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.Ask;
import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.CounterKey;
import dev.tollgate.budget.Draw;
import dev.tollgate.budget.Elastic;
import dev.tollgate.budget.Level;
import dev.tollgate.budget.Limits;
import dev.tollgate.budget.Measure;
import dev.tollgate.budget.OutboxEntry;
import dev.tollgate.budget.Pace;
import dev.tollgate.budget.Rate;
import dev.tollgate.budget.Standing;
import dev.tollgate.budget.Throttle;
import dev.tollgate.budget.TokenBucket;
import java.util.List;

/// The values inside commands and results, each as version, length and fields in a fixed order. New
/// fields go to the end; none is ever removed.
final class ValueCodec {

    static final int VERSION = 1;

    /// By the numbers they are written as, which never change: new measures go to the end.
    private static final List<Measure> MEASURES =
            List.of(
                    Measure.REQUESTS,
                    Measure.INPUT_TOKENS,
                    Measure.OUTPUT_TOKENS,
                    Measure.TOTAL_TOKENS,
                    Measure.COST_USD);

    /// Likewise.
    private static final List<Pace> PACES =
            List.of(
                    Pace.REQUESTS,
                    Pace.INPUT_TOKENS,
                    Pace.OUTPUT_TOKENS,
                    Pace.TOTAL_TOKENS,
                    Pace.THROTTLE);

    private ValueCodec() {}

    static void write(ByteWriter to, Amounts amounts) {
        var mark = to.begin(VERSION);
        to.writeLong(amounts.requests());
        to.writeLong(amounts.inputTokens());
        to.writeLong(amounts.outputTokens());
        to.writeLong(amounts.costNanoUsd());
        to.end(mark);
    }

    static Amounts readAmounts(ByteReader from) {
        var outer = from.enter();
        var amounts =
                new Amounts(from.readLong(), from.readLong(), from.readLong(), from.readLong());
        from.leave(outer);
        return amounts;
    }

    static void write(ByteWriter to, Elastic elastic) {
        var mark = to.begin(VERSION);
        to.writeLong(elastic.outputTokens());
        write(to, elastic.amounts());
        to.end(mark);
    }

    static Elastic readElastic(ByteReader from) {
        var outer = from.enter();
        var elastic = new Elastic(from.readLong(), readAmounts(from));
        from.leave(outer);
        return elastic;
    }

    static void write(ByteWriter to, Ask ask) {
        var mark = to.begin(VERSION);
        to.writeLong(ask.requests());
        to.writeLong(ask.inputTokens());
        to.writeLong(ask.inputCostPico());
        to.writeLong(ask.outputMin());
        to.writeLong(ask.outputMax());
        to.writeLong(ask.choices());
        to.writeLong(ask.outputPico());
        to.writeBoolean(ask.priced());
        to.writeLong(ask.startMin());
        to.writeLong(ask.start());
        to.end(mark);
    }

    static Ask readAsk(ByteReader from) {
        var outer = from.enter();
        var ask =
                new Ask(
                        from.readLong(),
                        from.readLong(),
                        from.readLong(),
                        from.readLong(),
                        from.readLong(),
                        (int) from.readLong(),
                        from.readLong(),
                        from.readBoolean(),
                        from.readLong(),
                        from.readLong());
        from.leave(outer);
        return ask;
    }

    /// Most limits are not set: one bit says so.
    static void write(ByteWriter to, Limits limits) {
        var mark = to.begin(VERSION);
        var set = 0;
        for (var number = 0; number < MEASURES.size(); number++) {
            if (limits.of(MEASURES.get(number)) != Limits.NONE_SET) {
                set |= 1 << number;
            }
        }
        to.writeByte(set);
        for (var measure : MEASURES) {
            if (limits.of(measure) != Limits.NONE_SET) {
                to.writeLong(limits.of(measure));
            }
        }
        to.end(mark);
    }

    static Limits readLimits(ByteReader from) {
        var outer = from.enter();
        var set = from.readByte();
        var limits =
                new Limits(
                        readLimit(from, set, 0),
                        readLimit(from, set, 1),
                        readLimit(from, set, 2),
                        readLimit(from, set, 3),
                        readLimit(from, set, 4));
        from.leave(outer);
        return limits;
    }

    private static long readLimit(ByteReader from, int set, int number) {
        return (set & (1 << number)) == 0 ? Limits.NONE_SET : from.readLong();
    }

    static void write(ByteWriter to, CounterKey counter) {
        var mark = to.begin(VERSION);
        to.writeUuid(counter.budgetId());
        to.writeText(counter.subject());
        to.writeLong(counter.windowStart());
        to.end(mark);
    }

    static CounterKey readCounter(ByteReader from) {
        var outer = from.enter();
        var counter = new CounterKey(from.readUuid(), from.readText(), from.readLong());
        from.leave(outer);
        return counter;
    }

    static void write(ByteWriter to, BudgetCharge charge) {
        var mark = to.begin(VERSION);
        write(to, charge.counter());
        to.writeText(charge.budget());
        to.writeLong(charge.windowEnd());
        write(to, charge.limits());
        write(to, charge.ceilings());
        to.writeLong(charge.concurrentMax());
        to.writeList(charge.alertsPerMille(), (writer, perMille) -> writer.writeLong(perMille));
        to.writeText(charge.action());
        to.writeBoolean(charge.counts());
        to.writeList(charge.rates(), ValueCodec::write);
        to.writeList(charge.throttles(), ValueCodec::write);
        to.writeBoolean(charge.elastic());
        to.end(mark);
    }

    static BudgetCharge readCharge(ByteReader from) {
        var outer = from.enter();
        var charge =
                new BudgetCharge(
                        readCounter(from),
                        from.readText(),
                        from.readLong(),
                        readLimits(from),
                        readLimits(from),
                        (int) from.readLong(),
                        from.readList(reader -> (int) reader.readLong()),
                        from.readText(),
                        from.readBoolean(),
                        from.readList(ValueCodec::readRate),
                        from.readList(ValueCodec::readThrottle),
                        from.readBoolean());
        from.leave(outer);
        return charge;
    }

    static void write(ByteWriter to, Rate rate) {
        var mark = to.begin(VERSION);
        writeMeasure(to, rate.measure());
        to.writeLong(rate.perMinute());
        to.writeLong(rate.burst());
        to.end(mark);
    }

    static Rate readRate(ByteReader from) {
        var outer = from.enter();
        var rate = new Rate(readMeasure(from), from.readLong(), from.readLong());
        from.leave(outer);
        return rate;
    }

    static void write(ByteWriter to, Draw draw) {
        var mark = to.begin(VERSION);
        to.writeUuid(draw.budgetId());
        to.writeText(draw.subject());
        writePace(to, draw.pace());
        to.writeLong(draw.amount());
        to.end(mark);
    }

    static Draw readDraw(ByteReader from) {
        var outer = from.enter();
        var draw = new Draw(from.readUuid(), from.readText(), readPace(from), from.readLong());
        from.leave(outer);
        return draw;
    }

    static void write(ByteWriter to, Level level) {
        var mark = to.begin(VERSION);
        to.writeUuid(level.budgetId());
        to.writeText(level.subject());
        writePace(to, level.pace());
        write(to, level.bucket().rate());
        to.writeLong(level.bucket().level());
        to.writeLong(level.bucket().atMillis());
        to.end(mark);
    }

    static Level readLevel(ByteReader from) {
        var outer = from.enter();
        var level =
                new Level(
                        from.readUuid(),
                        from.readText(),
                        readPace(from),
                        new TokenBucket(readRate(from), from.readLong(), from.readLong()));
        from.leave(outer);
        return level;
    }

    private static void writePace(ByteWriter to, Pace pace) {
        to.writeByte(PACES.indexOf(pace));
    }

    private static Pace readPace(ByteReader from) {
        var number = from.readByte();
        if (number < 0 || number >= PACES.size()) {
            throw new IllegalArgumentException("encoded value: pace " + number);
        }
        return PACES.get(number);
    }

    static void write(ByteWriter to, Throttle throttle) {
        var mark = to.begin(VERSION);
        write(to, throttle.from());
        to.writeLong(throttle.tokensPerMinute());
        to.end(mark);
    }

    static Throttle readThrottle(ByteReader from) {
        var outer = from.enter();
        var throttle = new Throttle(readLimits(from), from.readLong());
        from.leave(outer);
        return throttle;
    }

    static void write(ByteWriter to, Standing standing) {
        var mark = to.begin(VERSION);
        write(to, standing.counter());
        to.writeText(standing.budget());
        write(to, standing.limits());
        write(to, standing.posted());
        write(to, standing.held());
        to.writeLong(standing.windowEnd());
        to.end(mark);
    }

    static Standing readStanding(ByteReader from) {
        var outer = from.enter();
        var standing =
                new Standing(
                        readCounter(from),
                        from.readText(),
                        readLimits(from),
                        readAmounts(from),
                        readAmounts(from),
                        from.readLong());
        from.leave(outer);
        return standing;
    }

    static void write(ByteWriter to, OutboxEntry entry) {
        var mark = to.begin(VERSION);
        to.writeLong(entry.seq());
        to.writeUuid(entry.id());
        to.writeBytes(entry.row());
        to.writeList(entry.alerts(), ValueCodec::write);
        to.end(mark);
    }

    static OutboxEntry readEntry(ByteReader from) {
        var outer = from.enter();
        var entry =
                new OutboxEntry(
                        from.readLong(),
                        from.readUuid(),
                        from.readBytes(),
                        from.readList(ValueCodec::readCrossing));
        from.leave(outer);
        return entry;
    }

    static void write(ByteWriter to, OutboxEntry.Crossing crossing) {
        var mark = to.begin(VERSION);
        write(to, crossing.counter());
        writeMeasure(to, crossing.measure());
        to.writeLong(crossing.perMille());
        to.writeLong(crossing.limit());
        to.writeLong(crossing.used());
        to.end(mark);
    }

    static OutboxEntry.Crossing readCrossing(ByteReader from) {
        var outer = from.enter();
        var crossing =
                new OutboxEntry.Crossing(
                        readCounter(from),
                        readMeasure(from),
                        (int) from.readLong(),
                        from.readLong(),
                        from.readLong());
        from.leave(outer);
        return crossing;
    }

    static void writeMeasure(ByteWriter to, Measure measure) {
        to.writeByte(MEASURES.indexOf(measure));
    }

    static Measure readMeasure(ByteReader from) {
        var number = from.readByte();
        if (number < 0 || number >= MEASURES.size()) {
            throw new IllegalArgumentException("encoded value: measure " + number);
        }
        return MEASURES.get(number);
    }
}
