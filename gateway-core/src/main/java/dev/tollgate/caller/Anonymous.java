package dev.tollgate.caller;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/// Who may call without a key, as the anonymous local caller. Outside local mode it is [#OFF].
///
/// An address alone is not enough. A page in the developer's browser calls from loopback as well,
/// and must not spend the developer's money: requests with an `Origin` that is not this machine's
/// are refused, and so are those whose `Host` is a name that a stranger's name server could point
/// here (DNS rebinding). Behind a reverse proxy every address is the proxy's: there a key is
/// needed.
public enum Anonymous {
    /// From this machine.
    LOOPBACK,
    /// From private addresses too: container networks, the office.
    PRIVATE,
    /// Nobody.
    OFF;

    /// Whether the address of `peer` is one of those.
    public boolean reaches(Peer peer) {
        return this != OFF && literal(peer.address(), this == PRIVATE);
    }

    /// Whether nothing about `peer` says that somebody else is behind it.
    public boolean trusts(Peer peer) {
        return !peer.proxied()
                && isOurs(hostOf(peer.host()))
                && (peer.origin().isEmpty() || isThisMachine(hostOfOrigin(peer.origin())));
    }

    private boolean isOurs(String host) {
        return isThisMachine(host)
                || isAddress(host)
                // No public name has a single label or ends so (RFC 6761, ICANN on `.internal`):
                // containers know each other by these.
                || (this == PRIVATE
                        && !host.isEmpty()
                        && (host.indexOf('.') < 0 || host.endsWith(".internal")));
    }

    private static boolean isThisMachine(String host) {
        return host.equals("localhost") || host.endsWith(".localhost") || literal(host, false);
    }

    private static boolean isAddress(String host) {
        try {
            InetAddress.ofLiteral(host);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    private static boolean literal(String text, boolean orPrivate) {
        try {
            var scope = text.indexOf('%');
            var address = InetAddress.ofLiteral(scope < 0 ? text : text.substring(0, scope));
            return address.isLoopbackAddress() || (orPrivate && isPrivate(address));
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    private static boolean isPrivate(InetAddress address) {
        var bytes = address.getAddress();
        // fc00::/7 (RFC 4193), which the JDK does not count as site-local.
        var uniqueLocal = bytes.length == 16 && (bytes[0] & 0xfe) == 0xfc;
        return address.isSiteLocalAddress() || address.isLinkLocalAddress() || uniqueLocal;
    }

    /// Without its port and, of an IPv6 address, its brackets.
    private static String hostOf(String hostAndPort) {
        var bare = hostAndPort.toLowerCase(Locale.ROOT);
        var closing = bare.indexOf(']');
        if (bare.startsWith("[") && closing > 0) {
            return bare.substring(1, closing);
        }
        var colon = bare.indexOf(':');
        return colon < 0 ? bare : bare.substring(0, colon);
    }

    private static String hostOfOrigin(String origin) {
        try {
            var host = new URI(origin).getHost();
            return host == null ? "" : hostOf(host);
        } catch (URISyntaxException _) {
            return "";
        }
    }
}
