package dev.tollgate.loadtest.pairs;

import java.util.List;

/// What the nodes of one setting did together.
///
/// @param pairsPerSecond of all nodes
/// @param cpuMicros of a pair, all nodes' processes together
/// @param ended whether all nodes left by themselves
record PairsSample(
        Setting setting,
        double pairsPerSecond,
        double cpuMicros,
        long pairs,
        long refused,
        boolean ended) {

    static PairsSample of(Setting setting, List<NodeCount> counts, boolean ended) {
        var pairs = counts.stream().mapToLong(NodeCount::pairs).sum();
        var cpu = counts.stream().mapToLong(NodeCount::cpuMicros).sum();
        return new PairsSample(
                setting,
                counts.stream().mapToDouble(count -> count.pairs() / count.seconds()).sum(),
                pairs == 0 ? 0 : (double) cpu / pairs,
                pairs,
                counts.stream().mapToLong(NodeCount::refused).sum(),
                ended);
    }

    boolean isGood() {
        return ended && refused == 0 && pairs > 0;
    }
}
