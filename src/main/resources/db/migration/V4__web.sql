-- Who did what, whichever edge it came through. Nothing in it is ever changed or removed.
CREATE TABLE audit_log (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL,
    who     text        NOT NULL,
    through text        NOT NULL,                   -- command-line, schedule, web, api
    action  text        NOT NULL,                   -- see org.orphancleanup.audit.Action
    run_id  bigint,                                 -- no key: the log outlives the runs
    subject text,                                   -- a job, a record, a user: what was acted upon
    comment text                                    -- what the person said
);
CREATE INDEX audit_log_run ON audit_log (run_id, id) WHERE run_id IS NOT NULL;
CREATE INDEX audit_log_who ON audit_log (who, id);
CREATE INDEX audit_log_action ON audit_log (action, id);

CREATE FUNCTION audit_log_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END $$;
CREATE TRIGGER audit_log_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_stays();

-- The administrator that the first start makes where no users are configured.
CREATE TABLE first_admin (
    name       text PRIMARY KEY,
    password   text        NOT NULL,                -- its hash
    created_at timestamptz NOT NULL
);

-- What lists and the overview show of a run, kept when it ends: a run may have a million findings.
ALTER TABLE run
    ADD COLUMN found         bigint,
    ADD COLUMN repaired      bigint,
    ADD COLUMN remaining     bigint,
    ADD COLUMN counts        jsonb,                 -- as in report.json
    ADD COLUMN compared_with bigint,                -- the run of the same target before it; null: there was none
    ADD COLUMN came          bigint,                -- dangle now and did not then, in what both runs read
    ADD COLUMN persisted     bigint,                -- dangled then and now
    ADD COLUMN resolved      bigint,                -- dangled then and no longer
    ADD COLUMN took_ms       bigint,
    ADD COLUMN stop_asked_by text;                  -- whoever works on it ends at the next point from which it can go on
CREATE INDEX run_by_job ON run (job, id);
CREATE INDEX run_by_target ON run (target, id);
CREATE INDEX run_by_status ON run (status, id);
CREATE INDEX run_by_who ON run (asked_by, id);
CREATE INDEX run_by_through ON run (started_through, id);
CREATE INDEX run_by_command ON run (command, id);
CREATE INDEX run_by_duration ON run (coalesce(took_ms, -1), id);
CREATE INDEX run_by_found ON run (coalesce(found, -1), id);
CREATE INDEX run_by_remaining ON run (coalesce(remaining, -1), id);
CREATE INDEX run_undo ON run (undo_of) WHERE undo_of IS NOT NULL;
CREATE INDEX plan_waiting ON plan (run_id) WHERE status IN ('waiting', 'approved');

-- How far a run is, written about once a second by whoever works on it.
CREATE TABLE run_step (
    run_id   bigint      NOT NULL REFERENCES run ON DELETE CASCADE,
    no       integer     NOT NULL,
    name     text        NOT NULL,
    total    bigint      NOT NULL,                  -- 0: not known
    done     bigint      NOT NULL,
    began_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (run_id, no)
);

-- Pages of repairs by outcome, by reference, and by both.
DROP INDEX repair_part_reference;
CREATE INDEX repair_part_reference ON repair_part (run_id, reference_no, outcome, repair_no);
CREATE INDEX repair_part_outcome ON repair_part (run_id, outcome, repair_no);

-- What a person knows of a missing record: which one is right. Plans made from then on point there.
CREATE TABLE named_record (
    target_fingerprint text        NOT NULL,
    parent_model       text        NOT NULL,
    missing_id         bigint      NOT NULL,
    new_id             bigint      NOT NULL,
    new_name           text,
    named_by           text        NOT NULL,
    named_at           timestamptz NOT NULL,
    comment            text,
    PRIMARY KEY (target_fingerprint, parent_model, missing_id)
);
