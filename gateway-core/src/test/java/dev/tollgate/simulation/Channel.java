package dev.tollgate.simulation;

import java.util.ArrayDeque;

/// A connection from one node to another: what is sent arrives in order, late when the network is
/// interrupted for a while, and never when it is for long.
final class Channel {

    private static final long AGAIN = 200_000;
    private static final long LOST_AFTER = 5_000_000;

    private final Simulation simulation;
    private final Node from;
    private final Node to;
    private final ArrayDeque<Message> messages = new ArrayDeque<>();
    private long last;

    private record Message(long due, Runnable action) {}

    Channel(Simulation simulation, Node from, Node to) {
        this.simulation = simulation;
        this.from = from;
        this.to = to;
    }

    void send(long delay, Runnable action) {
        last = Math.max(last, simulation.micros() + delay);
        messages.add(new Message(last, action));
        simulation.later(last - simulation.micros(), this::deliver);
    }

    private void deliver() {
        if (messages.isEmpty()) {
            return;
        }
        if (!simulation.connected(from.machine, to.machine)) {
            messages.removeIf(message -> simulation.micros() - message.due > LOST_AFTER);
            simulation.later(AGAIN, this::deliver);
            return;
        }
        while (!messages.isEmpty() && messages.peek().due <= simulation.micros()) {
            to.run(messages.poll().action);
        }
    }
}
