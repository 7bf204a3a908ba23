package dev.tollgate.admin.http;

import dev.tollgate.admin.problem.AdminProblem;
import dev.tollgate.admin.problem.AdminProblem.CrossSite;
import dev.tollgate.admin.problem.AdminProblem.WrongHost;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Refuses what a browser sends for a page of another site: by `Sec-Fetch-Site` and `Origin`, and
/// by a `Host` that is no name of ours, for such a page can have its own name lead to our address.
public final class BrowserGuard {

    private static final String ANY = "*";
    private static final Pattern PORT = Pattern.compile(":[0-9]{1,5}$");
    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("\\[[0-9A-Fa-f:.]+]");

    private final Set<String> hosts;

    public BrowserGuard(Set<String> hosts) {
        this.hosts = Set.copyOf(hosts);
    }

    /// @param fetchSite `Sec-Fetch-Site`, empty for none
    /// @param origin empty for none
    Optional<AdminProblem> refusal(String host, String origin, String fetchSite) {
        var name = PORT.matcher(host).replaceFirst("").toLowerCase(Locale.ROOT);
        if (!isOurs(name)) {
            return Optional.of(new WrongHost(host));
        }
        var sameSite =
                fetchSite.isEmpty() || fetchSite.equals("same-origin") || fetchSite.equals("none");
        return sameSite && (origin.isEmpty() || isOf(origin, host))
                ? Optional.empty()
                : Optional.of(new CrossSite());
    }

    private boolean isOurs(String name) {
        return hosts.contains(ANY)
                || name.equals("localhost")
                || hosts.contains(name)
                || IPV4.matcher(name).matches()
                || IPV6.matcher(name).matches();
    }

    private static boolean isOf(String origin, String host) {
        return origin.equalsIgnoreCase("http://" + host)
                || origin.equalsIgnoreCase("https://" + host);
    }
}
