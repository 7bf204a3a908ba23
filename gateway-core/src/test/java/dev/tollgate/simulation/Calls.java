package dev.tollgate.simulation;

import dev.tollgate.budget.Answers;
import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.Command;
import dev.tollgate.budget.CounterKey;
import java.util.HashMap;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Commands on their way, as `HoldCall`, `SettleCall` and `CorrectCall` of the node.
final class Calls {

    private Calls() {}

    interface Call {
        Command command(long term, List<UUID> acknowledged);

        boolean acknowledges();

        boolean isDone();

        void answered(Command.Result result, Answers by);
    }

    /// Goes with the others and changes nothing.
    static final class Mark implements Call {
        private boolean done;

        @Override
        public Command command(long term, List<UUID> acknowledged) {
            return new Command.Configure(term, 0);
        }

        @Override
        public boolean acknowledges() {
            return false;
        }

        @Override
        public boolean isDone() {
            return done;
        }

        @Override
        public void answered(Command.Result result, Answers by) {
            done = true;
        }
    }

    static final class HoldCall implements Call {
        private static final int SEEDINGS_MAX = 6;
        private static final long TIMEOUT = 3_000_000;
        private static final long SIDE_WORK = 2_000_000;

        private final Node node;
        private final Desk desk;
        private final Truth.Request request;
        private Command.@Nullable Hold sent;
        private int seedings;
        private boolean done;

        HoldCall(Desk desk, Truth.Request request) {
            this.node = desk.node;
            this.desk = desk;
            this.request = request;
            node.later(TIMEOUT, this::expire);
        }

        @Override
        public Command command(long term, List<UUID> acknowledged) {
            var hold =
                    new Command.Hold(
                            request.id,
                            node.incarnation,
                            term,
                            1,
                            node.nowMillis(),
                            request.ask,
                            request.charges,
                            request.facts(),
                            acknowledged);
            sent = hold;
            return hold;
        }

        @Override
        public boolean acknowledges() {
            return true;
        }

        @Override
        public boolean isDone() {
            return done;
        }

        @Override
        public void answered(Command.Result result, Answers by) {
            if (done) {
                if (result instanceof Command.Held) {
                    node.abandon(desk, request.id);
                }
                return;
            }
            switch (result) {
                case Command.Held held -> held(held, by.epoch());
                case Command.Unseeded(var counters) -> seed(counters);
                case Command.Exhausted _ -> end(Truth.End.EXHAUSTED);
                default -> {
                    node.simulation.log(node + ": refused: " + result);
                    end(Truth.End.UNAVAILABLE);
                }
            }
        }

        private void held(Command.Held held, long epoch) {
            var hold = sent;
            var grant = node.lease.now();
            if (hold == null || grant == null) {
                desk.sendAgain(this);
                return;
            }
            var recorded =
                    node.journal.appendHold(
                            desk.organization, hold.granted(held.outputGranted()), epoch);
            if (!recorded) {
                node.simulation.log(node + ": hold " + request + " is outdated, asks again");
                desk.sendAgain(this);
                return;
            }
            done = true;
            node.simulation.truth.acts(node, grant);
            node.simulation.truth.held(node, request, epoch);
            node.later(
                    node.simulation.between(0, 200),
                    () -> node.simulation.truth.admitted(request, held, epoch));
        }

        private void seed(List<CounterKey> counters) {
            if (++seedings > SEEDINGS_MAX) {
                node.simulation.log(node + ": refused: the book keeps asking for " + counters);
                end(Truth.End.UNAVAILABLE);
                return;
            }
            var windowEnds = new HashMap<CounterKey, Long>();
            for (BudgetCharge charge : request.charges) {
                if (counters.contains(charge.counter())) {
                    windowEnds.put(charge.counter(), charge.windowEnd());
                }
            }
            var mine = seedings;
            node.later(
                    SIDE_WORK,
                    () -> {
                        if (!done && seedings == mine && !seeded) {
                            end(Truth.End.UNAVAILABLE);
                        }
                    });
            seeded = false;
            desk.seeding.seed(
                    windowEnds,
                    taken -> {
                        if (done || seedings != mine) {
                            return;
                        }
                        seeded = true;
                        if (taken) {
                            desk.send(this);
                        } else {
                            node.simulation.log(node + ": refused: not seeded " + counters);
                            end(Truth.End.UNAVAILABLE);
                        }
                    });
        }

        private boolean seeded;

        private void end(Truth.End end) {
            done = true;
            node.simulation.truth.refused(request, end);
        }

        private void expire() {
            if (!done) {
                node.simulation.log(node + ": refused: no answer in time");
                if (sent != null) {
                    node.abandon(desk, request.id);
                }
                end(Truth.End.UNAVAILABLE);
            }
        }
    }

    static final class SettleCall implements Call {
        private final Desk desk;
        private final Command.Settle settle;
        private boolean done;

        SettleCall(Desk desk, Command.Settle settle) {
            this.desk = desk;
            this.settle = settle;
        }

        @Override
        public Command command(long term, List<UUID> acknowledged) {
            return new Command.Settle(
                    settle.id(),
                    term,
                    settle.nowMillis(),
                    settle.used(),
                    settle.outcome(),
                    acknowledged);
        }

        @Override
        public boolean acknowledges() {
            return true;
        }

        @Override
        public boolean isDone() {
            return done;
        }

        @Override
        public void answered(Command.Result result, Answers by) {
            if (done) {
                return;
            }
            switch (result) {
                case Command.Settled settled -> {
                    done = true;
                    taken(desk, settled, by, settle.id());
                }
                case Command.Closed _ -> {
                    done = true;
                    desk.node.late(desk, settle);
                }
                default -> desk.sendAgain(this);
            }
        }
    }

    static final class CorrectCall implements Call {
        private final Desk desk;
        private final Command.Hold hold;
        private final Command.Settle settle;
        private final byte[] row;
        private boolean done;

        CorrectCall(Desk desk, Command.Hold hold, Command.Settle settle) {
            this.desk = desk;
            this.hold = hold;
            this.settle = settle;
            this.row = Truth.row(hold.facts(), settle.outcome());
        }

        @Override
        public Command command(long term, List<UUID> acknowledged) {
            return new Command.Correct(
                    hold.id(),
                    term,
                    desk.node.nowMillis(),
                    hold.incarnation(),
                    hold.charges(),
                    settle.used(),
                    row);
        }

        @Override
        public boolean acknowledges() {
            return false;
        }

        @Override
        public boolean isDone() {
            return done;
        }

        @Override
        public void answered(Command.Result result, Answers by) {
            if (done) {
                return;
            }
            if (result instanceof Command.Settled settled) {
                done = true;
                taken(desk, settled, by, hold.id());
            } else {
                desk.sendAgain(this);
            }
        }
    }

    private static void taken(Desk desk, Command.Settled settled, Answers by, UUID id) {
        desk.node.simulation.log(
                "%s: %s settled as %d in term %d, epoch %d"
                        .formatted(
                                desk.node,
                                id.toString().substring(0, 8),
                                settled.seq(),
                                by.term(),
                                by.epoch()));
        desk.owed.settled(by, settled.seq(), id);
        desk.acknowledgements.add(id);
        desk.node.opener.wakeBooker(desk.organization);
    }
}
