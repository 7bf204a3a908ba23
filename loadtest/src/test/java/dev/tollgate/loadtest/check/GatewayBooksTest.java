package dev.tollgate.loadtest.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tollgate.loadtest.provider.TokenClasses;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GatewayBooksTest {

    private static final String BASE = "/admin/v1/organizations/local";
    private static final String ROW =
            """
            {"id":"%s","request_id":"g1","attempt":1,"kind":"attempt","corrects":null,
             "model":"gpt-4o","user":"u1","requests":%d,"input_tokens":12,"output_tokens":3,
             "uncached_input_tokens":7,"cache_read_tokens":5,"reasoning_tokens":2,
             "cost_nano_usd":53750,"usage_source":"provider","status":"complete",
             "provider_request_id":"req_1",
             "charges":[{"budget":"daily","subject":"u1","window_start":1795132800}]}
            """;
    private static final Map<String, String> ANSWERS =
            Map.of(
                    BASE + "/ledger?limit=1000",
                    "{\"items\":[" + ROW.formatted("b", 1) + "],\"next\":\"c 2\"}",
                    BASE + "/ledger?limit=1000&cursor=c+2",
                    "{\"items\":[" + ROW.formatted("a", 0) + "],\"next\":null}",
                    BASE + "/budgets/daily/usage",
                    """
                    {"items":[{"subject":"u1","window_start":"2026-11-20T01:00:00+01:00",
                      "posted":{"requests":1,"input_tokens":24,"output_tokens":6,
                                "cost_usd":"0.000107500"},
                      "held":{"requests":0}}]}
                    """,
                    BASE + "/usage?group_by=model,user",
                    """
                    {"items":[{"model":"gpt-4o","user":"u1","requests":1,"input_tokens":24,
                      "output_tokens":6,"cost_nano_usd":107500}]}
                    """);

    private HttpServer server;
    private GatewayAdmin admin;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", GatewayBooksTest::answer);
        server.start();
        admin = new GatewayAdmin(URI.create("http://127.0.0.1:" + port()), "t0ken");
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private int port() {
        return server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange) throws IOException {
        var authorized =
                "Bearer t0ken".equals(exchange.getRequestHeaders().getFirst("authorization"));
        var body = ANSWERS.get(exchange.getRequestURI().toString());
        var bytes = String.valueOf(body).getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(authorized && body != null ? 200 : 404, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Test
    void reads_every_page_of_the_ledger() {
        var rows = GatewayBooks.ledger(admin);

        assertThat(rows).extracting(LedgerRow::id).containsExactly("b", "a");
        var row = rows.getFirst();
        assertThat(row.tokens()).isEqualTo(new TokenClasses(7, 5, 0, 0, 3, 2));
        assertThat(row.isCorrection()).isFalse();
        assertThat(row.charges())
                .containsExactly(new LedgerRow.Charge("daily", "u1", "2026-11-20T00:00:00Z"));
    }

    @Test
    void reads_counters_and_roll_ups_and_they_agree_with_the_ledger() {
        var books = GatewayBooks.readWhenBooked(admin, List.of("daily"), 2, Duration.ofSeconds(5));

        assertThat(books.counters().getFirst().posted()).isEqualTo(new Amounts(1, 24, 6, 107_500));
        assertThat(books.counters().getFirst().windowStart()).isEqualTo("2026-11-20T00:00:00Z");
        assertThat(Counters.compare(books)).isEmpty();
    }

    @Test
    void an_answer_other_than_success_says_where_and_what() {
        assertThatThrownBy(() -> GatewayBooks.read(admin, List.of("unknown")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(BASE + "/budgets/unknown/usage: 404 null");
    }
}
