package dev.tollgate.budget;

import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Limits on a scope in a period, and what happens at them.
///
/// Scope, models, `per`, period and zone never change: counters are named by them.
///
/// @param models patterns of the model names that count, `*` for all
/// @param concurrentMax requests in flight for a subject, 0 for no limit
/// @param rates how fast a subject may go, each measure at most once
/// @param actions ascending by threshold; none means [Action#DEFAULTS]
/// @param elastic whether streams begin with a modest hold that is extended ahead of them, and are
///   cut where the limits are reached
public record Budget(
        UUID id,
        String name,
        Scope scope,
        List<String> models,
        Per per,
        Period period,
        ZoneId zone,
        Limits limits,
        int concurrentMax,
        List<Rate> rates,
        List<Action> actions,
        List<SubjectOverride> overrides,
        Clamp clamp,
        boolean elastic) {

    public Budget {
        models = List.copyOf(models);
        rates = List.copyOf(rates);
        actions = List.copyOf(actions);
        overrides = List.copyOf(overrides);
    }

    /// What splits a budget into subjects. Requests that lack it share one counter, so that leaving
    /// it out is no way around a limit.
    public enum Per {
        NONE,
        TEAM,
        PROJECT,
        USER,
        END_USER,
        SESSION,
        KEY,
        PROVIDER,
        MODEL
    }

    /// How long a window is. Calendar windows in the budget's zone; weeks begin on Monday (ISO
    /// 8601).
    public enum Period {
        MINUTE,
        HOUR,
        DAY,
        WEEK,
        MONTH,
        TOTAL
    }

    /// What a budget does when a counter reaches a share of its limits.
    ///
    /// @param atPerMille the share in thousandths
    /// @param models for `block`: patterns of the models refused; empty otherwise
    /// @param tokensPerMinute for `throttle`: input and output together; 0 otherwise
    /// @param to for `downgrade`: the model that serves from then on; empty otherwise
    public record Action(
            int atPerMille, Kind kind, List<String> models, long tokensPerMinute, String to) {

        /// What a budget does that says nothing: alert at 80 %, reject at 100 %.
        public static final List<Action> DEFAULTS =
                List.of(
                        new Action(800, Kind.ALERT, List.of()),
                        new Action(1000, Kind.REJECT, List.of()));

        public Action {
            models = List.copyOf(models);
        }

        /// `alert`, `block` or `reject`.
        public Action(int atPerMille, Kind kind, List<String> models) {
            this(atPerMille, kind, models, 0, "");
        }

        public static Action throttle(int atPerMille, long tokensPerMinute) {
            return new Action(atPerMille, Kind.THROTTLE, List.of(), tokensPerMinute, "");
        }

        public static Action downgrade(int atPerMille, String to) {
            return new Action(atPerMille, Kind.DOWNGRADE, List.of(), 0, to);
        }

        /// `block` refuses some models, `reject` all; `throttle` slows its subject down;
        /// `downgrade` has another model answer.
        public enum Kind {
            ALERT,
            THROTTLE,
            BLOCK,
            DOWNGRADE,
            REJECT
        }
    }

    /// Other limits for one subject. Measures it does not set stay as they are.
    public record SubjectOverride(String subject, Limits limits, Optional<Instant> expiresAt) {

        boolean expired(long nowMillis) {
            return expiresAt.isPresent() && expiresAt.get().toEpochMilli() <= nowMillis;
        }
    }

    /// When an answer may be shortened to fit.
    ///
    /// @param always whether a limit the caller set may be lowered too
    /// @param outputTokensMin the shortest answer worth granting
    public record Clamp(boolean always, long outputTokensMin) {
        public static final Clamp DEFAULT = new Clamp(false, 256);
    }
}
