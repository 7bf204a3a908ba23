package dev.tollgate.loadtest.check;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Checks a running gateway against running simulated providers: `--admin http://127.0.0.1:8081
/// --token ... --bill http://127.0.0.1:9001/bill --budget ci-daily`. `--bill` and `--budget` may
/// come several times; `--after-kill` allows orphans. Exits with 1 when the books differ.
public final class CheckerMain {

    private CheckerMain() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        System.setProperty("logback.configurationFile", "dev/tollgate/loadtest/logback.xml");
        var admin = URI.create("http://127.0.0.1:8081");
        var token = Optional.<String>empty();
        var bills = new ArrayList<URI>();
        var budgets = new ArrayList<String>();
        var checker = Checker.exact();
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--admin" -> admin = URI.create(arguments[++i]);
                case "--token" -> token = Optional.of(arguments[++i]);
                case "--bill" -> bills.add(URI.create(arguments[++i]));
                case "--budget" -> budgets.add(arguments[++i]);
                case "--after-kill" -> checker = Checker.tolerant();
                default -> throw new IllegalArgumentException("argument: " + arguments[i]);
            }
        }
        var books = GatewayBooks.read(new GatewayAdmin(admin, token.orElse("")), budgets);
        var report = checker.check(BillReader.read(fetch(bills)), books);
        System.out.println(report);
        System.exit(report.agrees() ? 0 : 1);
    }

    private static String fetch(List<URI> bills) throws IOException, InterruptedException {
        var lines = new StringBuilder();
        try (var client = HttpClient.newHttpClient()) {
            for (var bill : bills) {
                var request = HttpRequest.newBuilder(bill).build();
                lines.append(client.send(request, BodyHandlers.ofString()).body());
            }
        }
        return lines.toString();
    }
}
