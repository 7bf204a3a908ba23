package dev.tollgate.node.cluster;

import dev.tollgate.budget.Command;
import dev.tollgate.schema.Database;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/// A node in a process of its own, for tests to kill: it holds and settles as fast as it can, and
/// prints what it was told, line by line, until it dies.
final class KilledNode {

    private KilledNode() {}

    /// @param arguments database URL, journal directory
    static void main(String[] arguments) {
        var database = Database.external(arguments[0]);
        var scene = new ClusterScene(Path.of(arguments[1]), ClusterScene.storeOn(database));
        var random = new Random();
        var charges = List.of(ClusterScene.requestLimit(1_000_000));
        while (!Thread.interrupted()) {
            var id = ClusterScene.id(random);
            if (!(scene.hold(ClusterScene.request(id, charges)) instanceof Command.Held)) {
                IO.println("refused " + id);
                continue;
            }
            IO.println("held " + id);
            if (random.nextInt(5) > 0) {
                scene.settle(id);
                IO.println("settled " + id);
            }
        }
    }
}
