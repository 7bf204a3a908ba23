package dev.tollgate.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastException;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.IndeterminateOperationStateException;
import com.hazelcast.core.MemberLeftException;
import com.hazelcast.core.OperationTimeoutException;
import com.hazelcast.instance.impl.HazelcastInstanceProxy;
import com.hazelcast.internal.serialization.Data;
import com.hazelcast.internal.serialization.InternalSerializationService;
import com.hazelcast.internal.serialization.impl.DefaultSerializationServiceBuilder;
import com.hazelcast.nio.serialization.HazelcastSerializationException;
import com.hazelcast.spi.exception.CallerNotMemberException;
import com.hazelcast.spi.exception.PartitionMigratingException;
import com.hazelcast.spi.exception.RetryableHazelcastException;
import com.hazelcast.spi.exception.RetryableIOException;
import com.hazelcast.spi.exception.TargetNotMemberException;
import java.io.Serializable;
import java.net.BindException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.text.SimpleDateFormat;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a member makes of bytes that another sent it.
class DeserializationIT {

    @TempDir private static Path journal;
    private static Holdings holdings;
    private static ClusterMember member;
    private static HazelcastInstance instance;
    private static InternalSerializationService members;

    /// Of one that sends what it likes.
    private static final InternalSerializationService ANY =
            new DefaultSerializationServiceBuilder().build();

    @BeforeAll
    static void start() {
        holdings = Holdings.open(BooksSettings.of(journal), UUID.randomUUID());
        member = ClusterMember.start(ClusterSettings.ALONE, holdings);
        instance =
                Hazelcast.getAllHazelcastInstances().stream()
                        .filter(one ->
                                holdings.incarnation()
                                        .toString()
                                        .equals(
                                                one.getCluster()
                                                        .getLocalMember()
                                                        .getAttribute(Membership.INCARNATION)))
                        .findFirst()
                        .orElseThrow();
        members = ((HazelcastInstanceProxy) instance).getSerializationService();
    }

    @AfterAll
    static void stop() {
        member.terminate();
        holdings.close();
    }

    @Test
    void a_foreign_class_is_refused() {
        for (var foreign :
                List.<Serializable>of(
                        URI.create("http://127.0.0.1"),
                        InetAddress.getLoopbackAddress(),
                        Locale.ROOT,
                        new SimpleDateFormat("yyyy", Locale.ROOT))) {
            Data sent = ANY.toData(foreign);

            assertThatThrownBy(() -> members.toObject(sent))
                    .as(foreign.getClass().getName())
                    .isInstanceOfAny(
                            HazelcastSerializationException.class, SecurityException.class);
        }
    }

    @Test
    void a_foreign_class_within_a_failure_is_refused() {
        Data sent = ANY.toData(new IllegalStateException("m", new BindException("m")));

        assertThatThrownBy(() -> members.toObject(sent))
                .isInstanceOfAny(HazelcastSerializationException.class, SecurityException.class);
    }

    @Test
    void failures_of_the_grid_are_read() {
        var failures =
                List.of(
                        new CallerNotMemberException("m"),
                        new HazelcastException("m", new IllegalStateException("c")),
                        new HazelcastSerializationException("m"),
                        new IllegalArgumentException("m", new NullPointerException("c")),
                        new IndeterminateOperationStateException("m"),
                        new MemberLeftException(instance.getCluster().getLocalMember()),
                        new OperationTimeoutException("m"),
                        new PartitionMigratingException("m"),
                        new RetryableHazelcastException("m"),
                        new RetryableIOException("m"),
                        new TargetNotMemberException("m"));

        for (var failure : failures) {
            failure.addSuppressed(new IllegalStateException("s"));
            Object read = members.toObject(ANY.toData(failure));

            assertThat(read).isInstanceOf(failure.getClass());
        }
    }
}
