package dev.tollgate.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.catalogue.Catalogue.Found;
import dev.tollgate.catalogue.Catalogue.Unknown;
import dev.tollgate.price.Price;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CatalogueTest {

    private static final Provider OPENAI = provider("openai", "openai", Dialect.OPENAI);
    private static final Provider OLLAMA = provider("ollama", "ollama", Dialect.OPENAI);
    private static final Provider ANTHROPIC = provider("anthropic", "anthropic", Dialect.ANTHROPIC);
    private static final Provider SANDBOX = provider("sandbox", "sandbox", Dialect.OPENAI);
    private static final Deployment GPT = deployment(OPENAI, "gpt-5");
    private static final Deployment CLAUDE = deployment(ANTHROPIC, "claude-opus-4-8");
    private static final Deployment ECHO = deployment(SANDBOX, "echo");

    @Test
    void finds_a_listed_model_by_its_name_and_with_its_provider() {
        var catalogue = new Catalogue(List.of(SANDBOX, OPENAI), List.of(ECHO, GPT));

        assertThat(catalogue.resolve(Endpoint.CHAT_COMPLETIONS, "gpt-5"))
                .isEqualTo(new Found(List.of(GPT)));
        assertThat(catalogue.resolve(Endpoint.CHAT_COMPLETIONS, "openai/gpt-5"))
                .isEqualTo(new Found(List.of(GPT)));
    }

    @Test
    void the_sandbox_answers_in_every_dialect() {
        var catalogue = new Catalogue(List.of(SANDBOX), List.of(ECHO));

        assertThat(catalogue.resolve(Endpoint.CHAT_COMPLETIONS, "sandbox/echo"))
                .isEqualTo(new Found(List.of(ECHO)));
        assertThat(catalogue.resolve(Endpoint.MESSAGES, "sandbox/echo"))
                .isEqualTo(new Found(List.of(ECHO)));
    }

    @Test
    void an_unlisted_name_goes_to_the_one_provider_that_could_serve_it_without_a_price() {
        var catalogue =
                new Catalogue(List.of(SANDBOX, OPENAI, ANTHROPIC), List.of(ECHO, GPT, CLAUDE));

        var resolution = catalogue.resolve(Endpoint.CHAT_COMPLETIONS, "gpt-9");

        assertThat(resolution)
                .isEqualTo(
                        new Found(
                                List.of(new Deployment(OPENAI, Model.unlisted("gpt-9"), "gpt-9"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt-5-2025-08-07", "gpt-5-20250807", "gpt-5-latest"})
    void a_dated_name_is_the_model_it_begins_with_and_is_sent_as_it_is(String name) {
        var catalogue = new Catalogue(List.of(OPENAI, OLLAMA), List.of(GPT));
        var dated = new Found(List.of(new Deployment(OPENAI, GPT.model(), name)));

        assertThat(catalogue.resolve(Endpoint.CHAT_COMPLETIONS, name)).isEqualTo(dated);
        assertThat(catalogue.resolve(Endpoint.CHAT_COMPLETIONS, "openai/" + name)).isEqualTo(dated);
    }

    @Test
    void a_listed_name_with_a_date_is_itself() {
        var dated = deployment(OPENAI, "gpt-5-2025-08-07");
        var catalogue = new Catalogue(List.of(OPENAI), List.of(GPT, dated));

        assertThat(catalogue.resolve(Endpoint.CHAT_COMPLETIONS, "gpt-5-2025-08-07"))
                .isEqualTo(new Found(List.of(dated)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"gpt-5-mini", "gpt-5-2025", "gpt-5-2025-08-07-x", "sandbox/gpt-5-latest"})
    void nothing_else_is_taken_for_a_date(String name) {
        var catalogue = new Catalogue(List.of(SANDBOX, OPENAI), List.of(ECHO, GPT));

        assertThat(catalogue.listed(OPENAI, name)).isEmpty();
    }

    @Test
    void finds_the_model_an_answer_names_at_its_own_provider_only() {
        var catalogue = new Catalogue(List.of(OPENAI, OLLAMA, SANDBOX), List.of(GPT, ECHO));

        assertThat(catalogue.listed(OPENAI, "gpt-5")).contains(GPT.model());
        assertThat(catalogue.listed(OPENAI, "gpt-5-2025-08-07")).contains(GPT.model());
        assertThat(catalogue.listed(OLLAMA, "gpt-5")).isEmpty();
        assertThat(catalogue.listed(SANDBOX, "echo-latest")).isEmpty();
    }

    @Test
    void a_model_of_several_providers_has_all_their_deployments_in_the_catalogues_order() {
        var other = deployment(OLLAMA, "gpt-5");
        var catalogue = new Catalogue(List.of(OLLAMA, OPENAI, SANDBOX), List.of(other, GPT, ECHO));

        assertThat(catalogue.resolve(Endpoint.CHAT_COMPLETIONS, "gpt-5"))
                .isEqualTo(new Found(List.of(other, GPT)));
        assertThat(catalogue.resolve(Endpoint.CHAT_COMPLETIONS, "openai/gpt-5"))
                .isEqualTo(new Found(List.of(GPT)));
        assertThat(catalogue.resolve(Endpoint.CHAT_COMPLETIONS, "gpt-5-2025-08-07"))
                .isInstanceOfSatisfying(
                        Found.class,
                        found ->
                                assertThat(found.deployments())
                                        .extracting(Deployment::upstreamModel)
                                        .containsExactly("gpt-5-2025-08-07", "gpt-5-2025-08-07"));
    }

    @Test
    void an_unlisted_name_needs_the_provider_when_several_could_serve_it() {
        var catalogue = new Catalogue(List.of(OPENAI, OLLAMA), List.of());

        assertThat(catalogue.resolve(Endpoint.CHAT_COMPLETIONS, "llama3"))
                .isEqualTo(new Unknown("name the provider too: openai/llama3, ollama/llama3"));
        assertThat(catalogue.resolve(Endpoint.CHAT_COMPLETIONS, "ollama/llama3"))
                .isEqualTo(
                        new Found(
                                List.of(
                                        new Deployment(
                                                OLLAMA, Model.unlisted("llama3"), "llama3"))));
    }

    @Test
    void a_model_of_another_dialect_is_refused_with_the_reason() {
        var catalogue = new Catalogue(List.of(OPENAI, ANTHROPIC), List.of(GPT, CLAUDE));

        assertThat(catalogue.resolve(Endpoint.CHAT_COMPLETIONS, "claude-opus-4-8"))
                .isEqualTo(
                        new Unknown(
                                "provider anthropic speaks the anthropic dialect, not that of"
                                        + " /v1/chat/completions"));
    }

    @Test
    void with_no_provider_the_hint_names_the_sandbox() {
        var catalogue = new Catalogue(List.of(SANDBOX), List.of(ECHO));

        assertThat(catalogue.resolve(Endpoint.MESSAGES, "claude-opus-4-8"))
                .isInstanceOfSatisfying(
                        Unknown.class,
                        unknown -> assertThat(unknown.hint()).contains("sandbox/echo"));
    }

    private static Provider provider(String name, String type, Dialect dialect) {
        return new Provider(name, type, dialect, URI.create("http://localhost"), Optional.empty());
    }

    private static Deployment deployment(Provider provider, String model) {
        return new Deployment(
                provider,
                new Model(model, "o200k_base", 1000, 100, 100, Optional.of(Price.FREE)),
                model);
    }
}
