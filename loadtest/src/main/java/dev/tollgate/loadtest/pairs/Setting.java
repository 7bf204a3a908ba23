package dev.tollgate.loadtest.pairs;

import java.util.List;
import java.util.Locale;

/// What one line of the table measures.
///
/// @param organizations each with a book of its own
/// @param budgets that apply to every request
record Setting(Layout layout, int organizations, int budgets) {

    enum Layout {
        /// One node, its books in its own process.
        ALONE("one node alone", 1),
        /// One node that others may join: its books are in the grid.
        GRID("one node in the grid", 1),
        /// Three nodes, each book on one of them and with a backup on another.
        THREE("three nodes", 3);

        final String words;
        final int nodes;

        Layout(String words, int nodes) {
            this.words = words;
            this.nodes = nodes;
        }

        static Layout parse(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }
    }

    /// The first is what all others are compared with.
    static final List<Setting> ALL =
            List.of(
                    new Setting(Layout.ALONE, 100, 2),
                    new Setting(Layout.ALONE, 100, 6),
                    new Setting(Layout.ALONE, 1, 2),
                    new Setting(Layout.GRID, 100, 2),
                    new Setting(Layout.GRID, 100, 6),
                    new Setting(Layout.THREE, 100, 2),
                    new Setting(Layout.THREE, 100, 6),
                    new Setting(Layout.THREE, 1, 2));

    Setting withBudgets(int others) {
        return new Setting(layout, organizations, others);
    }
}
