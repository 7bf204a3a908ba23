package dev.tollgate.node.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.joran.spi.JoranException;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tollgate.path.Exchange;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Problem.Unauthenticated.Reason;
import dev.tollgate.usage.Recorder.Kind;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/// The one line a request leaves, in both formats of `logback.xml`.
class RequestLogTest {

    private final Logger logger = (Logger) LoggerFactory.getLogger(RequestLog.LOGGER);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final Telemetry telemetry =
            Telemetry.start(
                    TelemetrySettings.defaults(),
                    "node-1",
                    Samples.LISTED::equals,
                    () -> Samples.RECEIVED_NANOS + 12_345_678);

    @BeforeEach
    void listen() {
        lines.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(lines);
    }

    @AfterEach
    void leave() {
        logger.detachAppender(lines);
        logger.setLevel(null);
    }

    @Test
    void a_settled_request_is_one_line() throws JoranException {
        var exchange = Samples.exchange("");

        settle(exchange);

        assertThat(text())
                .singleElement()
                .asString()
                .contains(
                        " INFO  request /v1/chat/completions id="
                                + exchange.id()
                                + " organization=acme key=k1 model=gpt-5 provider=openai-main"
                                + " status=200 outcome=complete input_tokens=100 output_tokens=11"
                                + " usage_source=provider cost_nano_usd=2500 ms=12.346");
    }

    @Test
    void a_line_is_one_json_object_where_that_is_asked_for()
            throws JoranException, JsonProcessingException {
        settle(Samples.exchange(""));

        var line = new ObjectMapper().readTree(encoded("json").getFirst());
        assertThat(line.path("level").asText()).isEqualTo("INFO");
        assertThat(line.path("formattedMessage").asText()).isEqualTo("/v1/chat/completions");
        assertThat(line.path("kvpList").findValue("output_tokens").asLong()).isEqualTo(11);
        assertThat(line.path("kvpList").findValue("outcome").asText()).isEqualTo("complete");
    }

    @Test
    void a_refusal_names_its_problem() throws JoranException {
        telemetry
                .recorder()
                .start(Samples.exchange(""), Kind.REQUEST)
                .refused(new Problem.Unpriced("gpt-5", "ci-daily"));
        telemetry
                .recorder()
                .refusedAtDoor(
                        "r1", "/v1/messages", new Problem.Unauthenticated(Reason.REVOKED), 2_000);

        assertThat(text().getFirst()).contains("outcome=refused problem=unpriced budget=ci-daily");
        assertThat(text().getLast())
                .contains("/v1/messages id=r1 outcome=refused problem=unauthenticated ms=0.002");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "json"})
    void prompts_answers_keys_and_people_are_in_no_line(String format) throws JoranException {
        settle(Samples.exchange(""));
        telemetry
                .recorder()
                .start(Samples.exchange(""), Kind.REQUEST)
                .failed(new IllegalStateException(Samples.PROMPT));

        assertThat(encoded(format)).hasSize(2);
        assertThat(String.join("", encoded(format))).doesNotContain(Samples.CANARIES);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a\nb", "a\r\nERROR forged", "a b", "a\"b", "a\\b", "a\u001b[31mb", "aéb"})
    void a_made_up_model_cannot_forge_a_line(String model) throws JoranException {
        settle(Samples.exchange(model + "x".repeat(300), true, ""));

        var line = text().getFirst();
        assertThat(line.strip().lines()).hasSize(1);
        assertThat(line).contains("model=a?");
        assertThat(line.length()).isLessThan(400);
    }

    private void settle(Exchange exchange) {
        var recording = telemetry.recorder().start(exchange, Kind.REQUEST);
        recording.answered(200);
        recording.ended(Samples.answered());
    }

    private List<String> text() throws JoranException {
        return encoded("text");
    }

    /// The lines as the console of `logback.xml` would show them.
    private List<String> encoded(String format) throws JoranException {
        var context = new LoggerContext();
        context.putProperty("TOLLGATE_LOG", format);
        var configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(
                Objects.requireNonNull(RequestLog.class.getResource("/logback.xml")));
        try {
            var encoder = encoder(context);
            return lines.list.stream()
                    .map(it -> new String(encoder.encode(it), StandardCharsets.UTF_8))
                    .toList();
        } finally {
            context.stop();
        }
    }

    @SuppressWarnings("unchecked")
    private static Encoder<ILoggingEvent> encoder(LoggerContext context) {
        var async =
                (LingeringAppender) context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("async");
        var console = Objects.requireNonNull(async.getAppender("console"));
        return ((ConsoleAppender<ILoggingEvent>) console).getEncoder();
    }
}
