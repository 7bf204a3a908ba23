package dev.tollgate.budget;

import dev.tollgate.caller.ApiKey;
import dev.tollgate.caller.Attribution;
import dev.tollgate.caller.Caller;
import dev.tollgate.caller.Role;
import dev.tollgate.catalogue.Catalogue;
import dev.tollgate.catalogue.Deployment;
import dev.tollgate.catalogue.Dialect;
import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.catalogue.Model;
import dev.tollgate.catalogue.Provider;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.Filter;
import dev.tollgate.path.ModelRequest;
import dev.tollgate.path.Outcome;
import dev.tollgate.path.Reply;
import dev.tollgate.price.Price;
import dev.tollgate.problem.Problem;
import dev.tollgate.tokens.Completion;
import dev.tollgate.tokens.Counting;
import dev.tollgate.tokens.Usage;
import dev.tollgate.tokens.UsageReport;
import dev.tollgate.usage.Recorder;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;

/// A budget filter with books in memory, a tokenizer that finds a token every ten bytes, and an
/// upstream that answers when told. The next request is what the fields here say.
final class FilterScene implements Budgets, LedgerRows, Ticks, Pauses, Filter.Next, Counting {

    /// $1 a million tokens in, $2 out.
    static final Price PRICE =
            new Price("v1", 1_000_000, 1_000_000, 1_000_000, 1_000_000, 2_000_000, 0);

    static final long NOW = 2_000_000_030L;
    static final String ORGANIZATION = "local";

    final InMemoryBooks books = new InMemoryBooks(NOW);
    final HoldQueue queue;
    final BudgetFilter filter;
    long now = NOW;

    // The request.
    int bodyBytes = 100;
    OptionalLong outputMax = OptionalLong.empty();
    long thinkingBudget;
    int attachments;
    long imageBytes;
    boolean tools;
    int choices = 1;
    Endpoint endpoint = Endpoint.CHAT_COMPLETIONS;
    Model model = new Model("m", "o200k_base", 10_000, 1_000, 500, Optional.of(PRICE));

    /// Beside [#model], by the name an answer may give.
    final Map<String, Model> listed = new LinkedHashMap<>();

    /// Where budgets can lead to, and the dialect of those that speak another.
    final Map<String, Model> targets = new LinkedHashMap<>();

    /// Where the model is served as well, by the provider's name.
    final Map<String, Model> others = new LinkedHashMap<>();

    List<String> permitted = List.of();
    Promise<Void> left = Promise.promise();

    // What happened.
    final List<Waiting> pauses = new ArrayList<>();
    final List<Exchange> sent = new ArrayList<>();
    final List<Promise<Reply>> upstream = new ArrayList<>();
    final List<Outcome> outcomes = new ArrayList<>();
    final List<Exchange> settled = new ArrayList<>();
    final List<Runnable> ticking = new ArrayList<>();
    final List<Integer> counted = new ArrayList<>();
    final List<Outcome> failedOver = new ArrayList<>();
    final List<Integer> attempts = new ArrayList<>();
    final List<Long> requests = new ArrayList<>();
    int refreshes;
    boolean countingFails;

    private final List<Budget> budgets = new ArrayList<>();
    private final List<Budget> newer = new ArrayList<>();
    private long version = 1;
    private long newerVersion = 1;

    /// What the newest configuration says of the caller's key.
    boolean keyGone;

    Optional<Instant> keyRevokedAt = Optional.empty();

    private int ids;

    private ApiKey key() {
        return new ApiKey(caller(), new byte[32], Optional.empty(), keyRevokedAt);
    }

    FilterScene() {
        queue = new HoldQueue(HoldQueue.Settings.DEFAULT, this, () -> now, new Random(1));
        filter = filter();
    }

    private BudgetFilter filter() {
        return new BudgetFilter(
                new BudgetFilter.Parts(
                        books,
                        this,
                        _ -> keyGone ? Optional.empty() : Optional.of(key()),
                        this,
                        (_, _, name) -> Optional.ofNullable(listed.get(name)),
                        (_, _, name) -> target(name),
                        queue,
                        this,
                        () -> new UUID(9, ++ids),
                        () -> now,
                        this,
                        new Failover(3, Duration.ofMinutes(1)),
                        new FailedOver()));
    }

    // --- budgets ---

    /// A daily budget called `name`, new or changed, with the fields of its API.
    void budget(String name, Map<String, Object> fields) {
        budgets.removeIf(budget -> budget.name().equals(name));
        budgets.add(read(name, fields));
        newer.clear();
        newer.addAll(budgets);
    }

    /// A budget that another node has put in force, and this one does not know.
    void newerBudget(long configVersion, String name, Map<String, Object> fields) {
        newerVersion = configVersion;
        newer.add(read(name, fields));
        books.configure(ORGANIZATION, configVersion);
    }

    private static Budget read(String name, Map<String, Object> fields) {
        var tree = new LinkedHashMap<String, Object>(Map.of("period", "day"));
        tree.putAll(fields);
        var id = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
        return ((BudgetReader.Read) BudgetReader.read(tree)).definition().named(id, name);
    }

    @Override
    public BudgetSet current(String organization) {
        return new BudgetSet(version, budgets);
    }

    @Override
    public Future<BudgetSet> refresh(String organization, long configVersion) {
        refreshes++;
        version = newerVersion;
        budgets.clear();
        budgets.addAll(newer);
        return Future.succeededFuture(current(organization));
    }

    Standing standing(String name) {
        var facts = new Facts(caller(), Attribution.NONE, model.name(), "m", "p");
        var charges =
                current(ORGANIZATION).chargesFor(facts, NOW).stream()
                        .filter(charge -> charge.budget().equals(name))
                        .toList();
        return books.standings(ORGANIZATION, charges).result().getFirst();
    }

    /// A hold of another node on the budget called `name`.
    UUID holdElsewhere(String name) {
        var facts = new Facts(caller(), Attribution.NONE, model.name(), "m", "p");
        var charges =
                current(ORGANIZATION).chargesFor(facts, now).stream()
                        .filter(charge -> charge.budget().equals(name))
                        .toList();
        var id = new UUID(10, ++ids);
        books.hold(
                ORGANIZATION,
                new Books.HoldRequest(
                        id, version, new Ask(1, 1, 0, 1, 1, 1, 0), charges, new byte[0]));
        return id;
    }

    void settleElsewhere(UUID id) {
        books.settle(ORGANIZATION, id, Amounts.NONE, bytes("\"elsewhere\":true"));
    }

    // --- the request ---

    Future<Reply> send() {
        return filter.apply(exchange(), this);
    }

    private Caller caller() {
        return new Caller(ORGANIZATION, "k", "k", "u", "t", "", Role.MEMBER, permitted);
    }

    Exchange exchange() {
        var absent = ModelRequest.ABSENT;
        var request =
                new ModelRequest(
                        "x".repeat(bodyBytes).getBytes(StandardCharsets.UTF_8),
                        "m",
                        false,
                        false,
                        outputMax,
                        choices,
                        thinkingBudget,
                        attachments,
                        imageBytes,
                        tools,
                        "",
                        new ModelRequest.Places(1, false, absent, absent, absent));
        return new Exchange(
                new UUID(8, ids),
                NOW,
                0,
                endpoint,
                caller(),
                Attribution.NONE,
                request,
                List.of(),
                "",
                "",
                candidates(),
                OptionalLong.empty(),
                left.future());
    }

    private List<Deployment> candidates() {
        var candidates = new ArrayList<Deployment>();
        candidates.add(new Deployment(provider(), model, "m"));
        others.forEach((name, other) -> candidates.add(new Deployment(provider(name), other, "m")));
        return candidates;
    }

    private static Provider provider() {
        return provider("p");
    }

    private static Provider provider(String name) {
        return new Provider(
                name,
                "openai",
                Dialect.OPENAI,
                URI.create("http://127.0.0.1/v1"),
                Optional.empty());
    }

    private Catalogue.Resolution target(String name) {
        var found = targets.get(name);
        return found == null
                ? new Catalogue.Unknown("nobody has it")
                : new Catalogue.Found(List.of(new Deployment(provider(), found, name)));
    }

    @Override
    public Future<Reply> proceed(Exchange exchange) {
        sent.add(exchange);
        var promise = Promise.<Reply>promise();
        upstream.add(promise);
        return promise.future();
    }

    // --- what the upstream does ---

    void answer(UsageReport report) {
        answer(report, new Reply.Whole(new byte[0]));
    }

    void answer(UsageReport report, Reply.Body body) {
        stream(body).complete(Outcome.unsettled(report));
    }

    /// An error of the provider's own.
    void error(int status) {
        var report =
                new UsageReport(
                        Completion.UPSTREAM_ERROR,
                        Optional.of(Usage.NONE),
                        Optional.empty(),
                        true,
                        status,
                        "",
                        "",
                        "",
                        "",
                        1,
                        2,
                        "");
        upstream.getLast()
                .complete(
                        new Reply(
                                status,
                                List.of(),
                                new Reply.Whole(new byte[0]),
                                Future.succeededFuture(Outcome.unsettled(report))));
    }

    /// Begins an answer, to be ended by what is returned.
    Promise<Outcome> stream(Reply.Body body) {
        var outcome = Promise.<Outcome>promise();
        upstream.getLast().complete(new Reply(200, List.of(), body, outcome.future()));
        return outcome;
    }

    static UsageReport used(long input, long output) {
        return report(Completion.COMPLETE, Optional.of(Usage.of(input, output)), "");
    }

    static UsageReport untold(Completion completion, String delivered) {
        return report(completion, Optional.empty(), delivered);
    }

    static UsageReport report(Completion completion, Optional<Usage> usage, String delivered) {
        return new UsageReport(
                completion, usage, Optional.empty(), true, 200, delivered, "m", "", "", 1, 2, "");
    }

    // --- ports ---

    @Override
    public byte[] facts(Exchange exchange, UUID id, int attempt, List<BudgetCharge> charges) {
        attempts.add(attempt);
        return bytes("\"charges\":" + charges.size());
    }

    @Override
    public byte[] outcome(Exchange exchange, Outcome outcome, long requests) {
        outcomes.add(outcome);
        this.requests.add(requests);
        settled.add(exchange);
        return bytes("\"source\":\"" + outcome.source().label() + "\"");
    }

    @Override
    public Ticking every(Duration period, Runnable task) {
        ticking.add(task);
        return () -> ticking.remove(task);
    }

    @Override
    public Pause begin(Duration atMost) {
        var waiting = new Waiting(now + atMost.toMillis(), Promise.promise());
        pauses.add(waiting);
        return waiting;
    }

    /// Lets time pass, and those who have waited long enough go on.
    void pass(long millis) {
        for (var until = now + millis; now < until; ) {
            now++;
            books.nowMillis = now;
            for (var waiting : List.copyOf(pauses)) {
                if (waiting.until <= now) {
                    waiting.end();
                }
            }
        }
    }

    /// A moment of waiting.
    final class Waiting implements Pause {
        private final long until;
        private final Promise<Void> over;

        Waiting(long until, Promise<Void> over) {
            this.until = until;
            this.over = over;
        }

        @Override
        public Future<Void> over() {
            return over.future();
        }

        @Override
        public void end() {
            pauses.remove(this);
            over.tryComplete();
        }
    }

    @Override
    public Future<Long> count(String encoding, byte[] utf8) {
        counted.add(utf8.length);
        return countingFails
                ? Future.failedFuture("no tokenizer")
                : Future.succeededFuture(Math.ceilDiv(utf8.length, 10L));
    }

    @Override
    public long countNow(String encoding, String text) {
        return Math.ceilDiv(text.length(), 10L);
    }

    private final class FailedOver implements Recorder {

        @Override
        public Recording start(Exchange exchange, Kind kind) {
            throw new AssertionError("the budget filter starts no recording");
        }

        @Override
        public void refusedAtDoor(
                String requestId, String path, Problem problem, long durationNanos) {
            throw new AssertionError("the budget filter is not the door");
        }

        @Override
        public void failedOver(Exchange exchange, Outcome settled) {
            failedOver.add(settled);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
