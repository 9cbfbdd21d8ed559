package org.orphancleanup.target;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.retry.RetryException;
import org.springframework.core.retry.RetryListener;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.core.retry.Retryable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.PreparedStatementCreator;
import org.springframework.jdbc.core.PreparedStatementSetter;
import org.springframework.jdbc.core.ResultSetExtractor;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Reads of a target's database, made again after a while where PostgreSQL itself broke one off: a hot standby cancels what
 * stands in the way of the changes it has to replay, and the same read a second later is none the worse for it.
 */
public final class TargetReads {

    private static final Logger LOG = LoggerFactory.getLogger(TargetReads.class);

    /** "canceling statement due to conflict with recovery" has one of these, as the snapshot or a buffer was in the way. */
    private static final Set<String> BROKEN_OFF = Set.of("40001", "40P01");

    private static final TargetReads PATIENT = new TargetReads(RetryPolicy.builder()
            .maxRetries(5)
            .delay(Duration.ofSeconds(1))
            .multiplier(2)
            .predicate(TargetReads::isBrokenOff)
            .build());

    private final RetryTemplate patience;

    /** @param retries how often and after what pause a read that was broken off is made again */
    TargetReads(RetryPolicy retries) {
        this.patience = new RetryTemplate(retries);
        patience.setRetryListener(new RetryListener() {
            @Override
            public void onRetryFailure(RetryPolicy policy, Retryable<?> retryable, Throwable failure) {
                LOG.info("A read of Odoo's database was cancelled again: {}", said(failure));
            }
        });
    }

    /** A client whose queries are patient. */
    public static JdbcClient client(DataSource target) {
        return PATIENT.of(target);
    }

    /**
     * Reads, and reads again where PostgreSQL broke it off.
     *
     * @param read leaves nothing behind where it fails
     * @throws UserError where it was broken off each time
     */
    public static <T extends @Nullable Object> T again(Supplier<T> read) {
        return PATIENT.read(read);
    }

    static boolean isBrokenOff(Throwable failure) {
        return NestedExceptionUtils.getMostSpecificCause(failure) instanceof SQLException e
                && BROKEN_OFF.contains(String.valueOf(e.getSQLState()));
    }

    JdbcClient of(DataSource target) {
        return JdbcClient.create(new JdbcTemplate(target) {
            // all of JdbcClient's queries end here; the driver hands over no row before it has them all: none is seen
            // twice
            @Override
            public <T extends @Nullable Object> T query(
                    PreparedStatementCreator creator,
                    @Nullable PreparedStatementSetter setter,
                    ResultSetExtractor<T> extractor) {
                return read(() -> super.query(creator, setter, extractor));
            }
        });
    }

    <T extends @Nullable Object> T read(Supplier<T> read) {
        try {
            return patience.execute(read::get);
        } catch (RetryException e) {
            Throwable last = e.getCause();
            if (isBrokenOff(last)) {
                throw UserError.service(
                        "PostgreSQL cancelled the same read of Odoo's database " + (e.getRetryCount() + 1)
                                + " times, the last time with: " + said(last)
                                + ". A hot standby does so where a read stands in the way of what it has to replay: set"
                                + " hot_standby_feedback = on or a longer max_standby_streaming_delay there, or give the"
                                + " primary as jdbc-url, and run again.",
                        last);
            }
            if (last instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(last);
        }
    }

    private static String said(Throwable failure) {
        return String.valueOf(NestedExceptionUtils.getMostSpecificCause(failure).getMessage());
    }
}
