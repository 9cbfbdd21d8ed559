package org.orphancleanup.audit;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What the audit log knows. */
public enum Action {
    SIGNED_IN("signed in"),
    SIGN_IN_FAILED("failed to sign in"),
    SIGNED_OUT("signed out"),
    RUN_STARTED("started a run"),
    RUN_STOPPED("stopped a run"),
    RUN_RESUMED("went on with a run"),
    PLAN_APPROVED("approved a plan"),
    PLAN_REJECTED("rejected a plan"),
    PLAN_APPLIED("had a plan carried out"),
    REFERENCE_LEFT_OUT("left a reference out of a plan"),
    RECORD_NAMED("named the right record"),
    RUN_UNDONE("undid a run"),
    JOB_PAUSED("paused a job"),
    JOB_RESUMED("resumed a job"),
    QUARANTINE_RELEASED("released from quarantine"),
    QUARANTINE_RESTORED("restored from quarantine"),
    VALUES_SEEN("downloaded values of rows");

    private final String words;

    Action(String words) {
        this.words = words;
    }

    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public String words() {
        return words;
    }

    public static Optional<Action> of(String code) {
        return Arrays.stream(values())
                .filter(action -> action.code().equals(code))
                .findFirst();
    }
}
