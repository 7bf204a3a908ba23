package dev.tollgate.budget;

import java.util.UUID;

class InMemoryBooksTest extends BooksContract {

    private final InMemoryBooks books = new InMemoryBooks(1_000_000_000);

    @Override
    protected Books books() {
        return books;
    }

    @Override
    protected String organization() {
        return UUID.randomUUID().toString();
    }
}
