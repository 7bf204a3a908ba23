package dev.tollgate.loadtest.provider;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Predicate;

/// What a simulated provider does with the next request: the first rule that matches, else the head
/// of the queue, else the default. Safe for several threads.
final class Script {

    private record Rule(Predicate<SeenRequest> when, Function<SeenRequest, Behaviour> then) {}

    private final List<Rule> rules = new CopyOnWriteArrayList<>();
    private final Deque<Behaviour> queue = new ArrayDeque<>();
    private volatile Function<SeenRequest, Behaviour> otherwise = _ -> Behaviour.replies("Hello!");
    private volatile Optional<Canned> early = Optional.empty();

    void always(Behaviour behaviour) {
        early = asEarly(behaviour);
        otherwise = _ -> behaviour;
    }

    void always(Function<SeenRequest, Behaviour> behaviour) {
        early = Optional.empty();
        otherwise = behaviour;
    }

    void then(Behaviour behaviour) {
        synchronized (queue) {
            queue.add(behaviour);
        }
    }

    void when(Predicate<SeenRequest> condition, Function<SeenRequest, Behaviour> behaviour) {
        rules.add(new Rule(condition, behaviour));
    }

    void clear() {
        rules.clear();
        synchronized (queue) {
            queue.clear();
        }
        always(Behaviour.replies("Hello!"));
    }

    /// What a matching rule says: for requests that must not use up the queue.
    Optional<Behaviour> ruleFor(SeenRequest request) {
        for (var rule : rules) {
            if (rule.when().test(request)) {
                return Optional.of(rule.then().apply(request));
            }
        }
        return Optional.empty();
    }

    Behaviour next(SeenRequest request) {
        var ruled = ruleFor(request);
        if (ruled.isPresent()) {
            return ruled.get();
        }
        synchronized (queue) {
            var head = queue.poll();
            if (head != null) {
                return head;
            }
        }
        return otherwise.apply(request);
    }

    /// The next behaviour, taken, if it answers before the body is in.
    Optional<Canned> early() {
        synchronized (queue) {
            var head = queue.peek();
            if (head == null) {
                return early;
            }
            var taken = asEarly(head);
            if (taken.isPresent()) {
                queue.remove();
            }
            return taken;
        }
    }

    private static Optional<Canned> asEarly(Behaviour behaviour) {
        return behaviour instanceof Canned canned && canned.beforeUploadEnds()
                ? Optional.of(canned)
                : Optional.empty();
    }
}
