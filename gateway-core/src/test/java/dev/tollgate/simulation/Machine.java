package dev.tollgate.simulation;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where nodes live, one after another: a place in the network, and a disk that outlives them.
final class Machine {

    final int number;
    final List<DiskJournal> disk = new ArrayList<>();
    int side;
    boolean databaseReachable = true;
    boolean diskLost;
    @Nullable Node node;

    Machine(int number) {
        this.number = number;
    }
}
