package dev.tollgate.node;

import dev.tollgate.node.settings.LocalSecrets;
import java.io.PrintStream;

/// What a start prints: where it listens, the admin token when it was just made, a first call.
final class Banner {

    private Banner() {}

    static void print(PrintStream out, Node node) {
        var gateway = "http://" + node.host() + ":" + node.port();
        out.println();
        out.println("Tollgate is ready.");
        out.println("  gateway      " + gateway);
        node.adminPort()
                .ifPresent(port ->
                        out.println(
                                "  admin API    http://"
                                        + node.host()
                                        + ":"
                                        + port
                                        + "  (described at /openapi.yaml, metrics at"
                                        + " /metrics)"));
        out.println("  data         " + node.data());
        out.println("  providers    " + String.join(", ", node.providers()));
        node.adminToken().ifPresent(kept -> printToken(out, kept));
        out.println();
        out.println("Try it:");
        out.println(
                "  curl "
                        + gateway
                        + "/v1/chat/completions -H 'content-type: application/json' -d"
                        + " '{\"model\":\"sandbox/echo\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}'");
        out.println();
        out.flush();
    }

    private static void printToken(PrintStream out, LocalSecrets.Kept kept) {
        if (kept.made()) {
            out.println("  admin token  " + kept.secret().reveal());
            out.println("               shown this once; kept in " + kept.file());
        } else {
            out.println("  admin token  kept in " + kept.file());
        }
    }
}
