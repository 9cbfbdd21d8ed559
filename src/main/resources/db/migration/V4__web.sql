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
