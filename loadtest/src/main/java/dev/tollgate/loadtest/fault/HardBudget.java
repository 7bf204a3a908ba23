package dev.tollgate.loadtest.fault;

/// A budget of so many requests for one end user, in all or by the minute.
record HardBudget(String name, long requests, String period) {

    String endUser() {
        return name;
    }

    String json() {
        return """
        {"scope": {"end_user": "%s"}, "period": "%s", "limits": {"requests": %d}}
        """
                .formatted(endUser(), period, requests);
    }
}
