package dev.tollgate.admin;

import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.Standing;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/// A node that remembers what it was told and answers as the test says.
final class FakeNode implements NodeControl {

    final Map<String, Long> versions = new ConcurrentHashMap<>();
    final List<BudgetCharge> asked = new CopyOnWriteArrayList<>();

    volatile Function<BudgetCharge, List<Standing>> standings = _ -> List.of();
    volatile QuotaControl quota = QuotaControl.NONE;
    volatile boolean failing;
    volatile boolean ready = true;

    @Override
    public void configurationChanged(String organization, long version) {
        if (failing) {
            throw new IllegalStateException("the book did not answer");
        }
        versions.put(organization, version);
    }

    @Override
    public List<Standing> standings(String organization, List<BudgetCharge> charges) {
        if (failing) {
            throw new IllegalStateException("the book did not answer");
        }
        asked.addAll(charges);
        return charges.stream().map(standings).flatMap(List::stream).toList();
    }

    @Override
    public QuotaControl quota() {
        return quota;
    }

    @Override
    public String metrics() {
        return "tollgate_requests_total 7\n";
    }

    @Override
    public Readiness readiness() {
        return new Readiness(ready, Map.of("revision", 3));
    }
}
