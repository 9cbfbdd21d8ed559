package org.orphancleanup.run;

/** A run that failed after it had begun; the cause is what failed, and the report says what there is. */
public final class FailedRun extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final long runId;

    FailedRun(long runId, RuntimeException cause) {
        super(cause.getMessage(), cause);
        this.runId = runId;
    }

    public long runId() {
        return runId;
    }
}
