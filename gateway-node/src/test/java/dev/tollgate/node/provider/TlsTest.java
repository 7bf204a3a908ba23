package dev.tollgate.node.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.node.provider.openai.OpenAiClient;
import dev.tollgate.problem.Problem.UpstreamUnreachable;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PfxOptions;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A provider with a certificate for `localhost` from an authority nobody knows.
final class TlsTest {

    private static final Rig RIG = new Rig();
    private static final String PASSWORD = "changeit";

    @TempDir private static Path directory;

    private static PfxOptions certificate = new PfxOptions();
    private static int port;

    @BeforeAll
    static void serve() throws IOException, InterruptedException {
        certificate = certificate();
        HttpServer server =
                RIG.vertx
                        .createHttpServer(
                                new HttpServerOptions()
                                        .setHost("127.0.0.1")
                                        .setPort(0)
                                        .setSsl(true)
                                        .setKeyCertOptions(certificate))
                        .requestHandler(request ->
                                request.response()
                                        .putHeader("content-type", "application/json")
                                        .end("{\"choices\":[]}"));
        port = Rig.await(server.listen()).actualPort();
    }

    private static PfxOptions certificate() throws IOException, InterruptedException {
        var store = directory.resolve("server.p12");
        var keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        var process =
                new ProcessBuilder(
                                keytool,
                                "-genkeypair",
                                "-alias",
                                "server",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=localhost",
                                "-ext",
                                "san=dns:localhost",
                                "-validity",
                                "2",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                store.toString(),
                                "-storepass",
                                PASSWORD)
                        .redirectErrorStream(true)
                        .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        return new PfxOptions().setPath(store.toString()).setPassword(PASSWORD);
    }

    @AfterAll
    static void close() {
        RIG.close();
    }

    private static OpenAiClient client(Optional<TrustOptions> trust) {
        return new OpenAiClient(RIG.http(ProviderSettings.DEFAULTS, trust), Set.of());
    }

    private static Requests chat(String host) {
        return Requests.to(
                Endpoint.CHAT_COMPLETIONS, "https://" + host + ":" + port + "/v1", "openai");
    }

    @Test
    void talks_to_a_provider_whose_certificate_is_trusted() {
        var reply =
                RIG.reply(
                        client(Optional.of(certificate)),
                        chat("localhost").with("{\"model\":\"m\"}"));

        assertThat(reply.status()).isEqualTo(200);
    }

    @Test
    void sends_nothing_to_a_provider_whose_authority_is_not_known() {
        var refusal =
                RIG.refusal(client(Optional.empty()), chat("localhost").with("{\"model\":\"m\"}"));

        assertThat(refusal.problem())
                .isEqualTo(new UpstreamUnreachable("the-openai", "TLS failed"));
        assertThat(refusal.attempt().orElseThrow().reached()).isFalse();
    }

    @Test
    void sends_nothing_to_a_provider_with_the_certificate_of_another_name() {
        var refusal =
                RIG.refusal(
                        client(Optional.of(certificate)),
                        chat("127.0.0.1").with("{\"model\":\"m\"}"));

        assertThat(refusal.problem())
                .isEqualTo(new UpstreamUnreachable("the-openai", "TLS failed"));
        assertThat(refusal.attempt().orElseThrow().reached()).isFalse();
    }
}
