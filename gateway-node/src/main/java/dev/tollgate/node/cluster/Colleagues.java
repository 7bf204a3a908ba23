package dev.tollgate.node.cluster;

import com.hazelcast.core.HazelcastException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The other members, as who opens books asks them. Calls block, for virtual threads.
final class Colleagues {

    private static final Logger LOG = LoggerFactory.getLogger(Colleagues.class);
    private static final Duration ANSWER_TIME = Duration.ofSeconds(2);

    private final Membership membership;
    private final UUID incarnation;
    private final Colleague self;

    Colleagues(Membership membership, UUID incarnation, Colleague self) {
        this.membership = membership;
        this.incarnation = incarnation;
        this.self = self;
    }

    /// Which of a term's members should open an organization's book: the owner of its partition;
    /// the oldest when that one does not act, because it is leaving. Cheap.
    UUID opens(String organization, List<UUID> members) {
        return membership
                .ownerOfBook(organization)
                .filter(members::contains)
                .orElseGet(members::getFirst);
    }

    UUID self() {
        return incarnation;
    }

    void askToOpen(String organization, UUID member) {
        try {
            var there = membership.member(member);
            if (there.isPresent()) {
                membership.executor().executeOnMember(new AskToOpen(organization), there.get());
            }
        } catch (HazelcastException | IllegalStateException e) {
            LOG.debug("book of {}: {} was not asked to open it", organization, member, e);
        }
    }

    /// What all `members` have of a book that is opened in `epoch`.
    ///
    /// @throws BookCallException when one of them did not answer in time
    Presents presents(String organization, long epoch, List<UUID> members) {
        var answers = new ArrayList<Future<byte[]>>();
        for (var member : members) {
            if (!member.equals(incarnation)) {
                answers.add(ask(organization, epoch, member));
            }
        }
        var own = self.presents(organization, epoch);
        var items = new ArrayList<>(own.items());
        var lives = new HashSet<>(own.lives());
        for (var answer : answers) {
            var theirs = Presents.read(await(answer));
            items.addAll(theirs.items());
            lives.addAll(theirs.lives());
        }
        return new Presents(items, lives);
    }

    private Future<byte[]> ask(String organization, long epoch, UUID member) {
        var there =
                membership
                        .member(member)
                        .orElseThrow(() -> new BookCallException("node " + member + ": gone"));
        try {
            return membership
                    .executor()
                    .submitToMember(new AskPresents(organization, epoch), there);
        } catch (HazelcastException | IllegalStateException e) {
            throw new BookCallException("node " + member + ": not asked", e);
        }
    }

    private static byte[] await(Future<byte[]> answer) {
        try {
            return answer.get(ANSWER_TIME.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BookCallException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new BookCallException("a node did not tell what it has", e);
        }
    }
}
