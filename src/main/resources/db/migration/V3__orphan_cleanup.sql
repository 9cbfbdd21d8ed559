-- One execution of a job: what it was asked to do and how it ended. A plan is the plan of one run and has its number;
-- 'apply --plan N' goes on with run N.
CREATE TABLE run (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job                 text        NOT NULL,
    target              text        NOT NULL,
    target_fingerprint  text        NOT NULL,
    target_url          text,                       -- of the API, for links into Odoo
    target_database     text        NOT NULL,
    command             text        NOT NULL,       -- scan, plan, cleanup, apply, demo, undo, release
    started_through     text        NOT NULL,       -- command-line, schedule, web
    asked_by            text        NOT NULL,
    definition          text        NOT NULL,       -- the job definition as read, YAML
    definition_file     text,                       -- where it was read from; null: scan --target
    status              text        NOT NULL,       -- running, waiting, completed, failed, stopped
    exit_code           integer,
    message             text,                       -- why it failed, waits or stopped, in plain words
    dry_run             boolean     NOT NULL DEFAULT false,
    time_zone           text,                       -- of the job, in which its report shows times; null: this machine's
    odoo_version        text,
    modules_hash        text,
    backup              text,                       -- how the backup gate was passed
    started_at          timestamptz NOT NULL,
    ended_at            timestamptz,
    keep_id_open        boolean     NOT NULL DEFAULT false, -- parents are back, and what keep-id made besides is not tidied up
    undo_of             bigint REFERENCES run ON DELETE SET NULL,
    undo_reference      text,                       -- an undo of one reference, as it was asked for
    undo_record         bigint,                     -- an undo of one record
    heartbeat_at        timestamptz NOT NULL,
    host                text        NOT NULL,
    pid                 bigint      NOT NULL,
    process_started_at  timestamptz NOT NULL
);
CREATE INDEX run_by_start ON run (started_at DESC);

-- The catalog as this run saw it; what was not read says why.
CREATE TABLE reference (
    run_id            bigint  NOT NULL REFERENCES run ON DELETE CASCADE,
    no                integer NOT NULL,
    kind              text    NOT NULL,
    child_model       text,
    child_table       text    NOT NULL,
    field             text    NOT NULL,
    field_name        text,
    rule_fields       text[]  NOT NULL,
    parent_model      text,
    parent_table      text,
    parent_inherited  boolean NOT NULL,
    state             text    NOT NULL,
    constraint_name   text,
    database_ondelete text,
    ondelete          text,
    required          boolean NOT NULL,
    storage           jsonb   NOT NULL,
    how               text,
    skipped           text,                         -- null: it is read
    rows_read         bigint,                       -- rows of the table looked at; null until read
    orphans           bigint,
    millis            bigint,
    PRIMARY KEY (run_id, no)
);

-- Relational fields and tables without a reference in the catalog.
CREATE TABLE left_out (
    run_id     bigint NOT NULL REFERENCES run ON DELETE CASCADE,
    model      text,
    field      text,
    table_name text,
    reason     text   NOT NULL
);
CREATE INDEX left_out_run ON left_out (run_id);

-- One row's dangling reference. look 0: the scan before anything was written; look 1: the scan after.
CREATE TABLE orphan (
    run_id       bigint   NOT NULL,
    look         smallint NOT NULL,
    reference_no integer  NOT NULL,
    child_id     bigint   NOT NULL,
    missing_id   bigint   NOT NULL
);
CREATE INDEX orphan_run ON orphan (run_id, look, reference_no, child_id, missing_id);

-- The windows of a scan, some together, dealt out once; done in the transaction that keeps their orphans.
CREATE TABLE scan_slice (
    run_id  bigint   NOT NULL REFERENCES run ON DELETE CASCADE,
    look    smallint NOT NULL,
    no      integer  NOT NULL,
    part    integer  NOT NULL,                      -- the part of the partitioned step that reads it
    windows jsonb    NOT NULL,
    done    boolean  NOT NULL DEFAULT false,
    PRIMARY KEY (run_id, look, no)
);

-- Worth knowing, never repaired.
CREATE TABLE observation (
    run_id      bigint NOT NULL REFERENCES run ON DELETE CASCADE,
    kind        text   NOT NULL,
    model       text,
    table_name  text   NOT NULL,
    record_id   bigint,
    field       text,
    message     text   NOT NULL,
    advice      text   NOT NULL
);
CREATE INDEX observation_run ON observation (run_id);

-- Where observations were looked for, and what came of it.
CREATE TABLE observed (
    run_id     bigint NOT NULL REFERENCES run ON DELETE CASCADE,
    kind       text   NOT NULL,
    model      text,
    table_name text   NOT NULL,
    field      text,
    skipped    text,                                -- null: it was read
    rows_read  bigint,                              -- rows of the table looked at; null: not counted
    found      bigint NOT NULL,
    millis     bigint NOT NULL
);
CREATE INDEX observed_run ON observed (run_id);

CREATE TABLE plan (
    run_id        bigint PRIMARY KEY REFERENCES run ON DELETE CASCADE,
    hash          text        NOT NULL,
    status        text        NOT NULL,             -- waiting, approved, rejected, applied
    repairs       bigint      NOT NULL,             -- records that would be written
    parts         bigint      NOT NULL,             -- references they repair
    blocked       text[]      NOT NULL,             -- limits it exceeds; not applicable while there are any
    warnings      text[]      NOT NULL,
    created_at    timestamptz NOT NULL,
    valid_until   timestamptz NOT NULL,
    approved_by   text,
    approved_at   timestamptz,
    approval_note text
);

-- All orphans of one child record, decided and written together.
CREATE TABLE repair (
    run_id      bigint NOT NULL REFERENCES run ON DELETE CASCADE,
    no          bigint NOT NULL,
    child_model text,
    child_table text   NOT NULL,
    child_id    bigint NOT NULL,
    company_id  bigint,                             -- the record's company; null: none
    kind_key    text   NOT NULL,                    -- repairs of one kind get the same call
    level       integer NOT NULL DEFAULT 0,         -- lower first
    done        boolean NOT NULL DEFAULT false,     -- tried, whatever came of it
    PRIMARY KEY (run_id, no)
);
CREATE INDEX repair_order ON repair (run_id, done, level, kind_key, no);
CREATE INDEX repair_record ON repair (run_id, child_table, child_id);

-- What is decided for one orphan, and what became of it.
CREATE TABLE repair_part (
    run_id       bigint  NOT NULL REFERENCES run ON DELETE CASCADE,
    repair_no    bigint  NOT NULL,
    reference_no integer NOT NULL,
    missing_id   bigint  NOT NULL,
    policy       text    NOT NULL,                  -- after by-ondelete is resolved
    rule_line    integer,                           -- line of the rule in the definition; null: the default
    why          text    NOT NULL,                  -- which rule and why, or why it is refused
    new_value    text,                              -- see org.orphancleanup.plan.NewValue; null where nothing is written
    outcome      text,                              -- null until known
    reason       text,                              -- of a refusal, a hold, a skip: plain words
    rung         text,                              -- what worked
    undone_by    bigint,                            -- the run that took it back
    keep_id      boolean NOT NULL DEFAULT false,    -- the missing parent comes back under its old id first
    PRIMARY KEY (run_id, repair_no, reference_no, missing_id)
);
CREATE INDEX repair_part_reference ON repair_part (run_id, reference_no, outcome);
CREATE INDEX repair_part_missing ON repair_part (run_id, missing_id);

-- One call of Odoo's API, written down before it is made.
CREATE TABLE journal_call (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id      bigint      NOT NULL REFERENCES run ON DELETE CASCADE,
    at          timestamptz NOT NULL,
    model       text        NOT NULL,
    method      text        NOT NULL,
    record_ids  bigint[]    NOT NULL,
    arguments   jsonb       NOT NULL,
    context     jsonb       NOT NULL,
    rung        text,
    millis      bigint,
    outcome     text,                               -- done, refused, no-answer; null: under way, or the process died
    error_class text,
    error       text,                               -- plain words
    traceback   text                                -- for the operator, never in a report
);
CREATE INDEX journal_call_run ON journal_call (run_id);

-- A row before and after such a call: a record it wrote, a neighbour it changed besides, or a relation row (table_name is then
-- the relation table, record_id the owner's).
CREATE TABLE journal (
    call_id    bigint  NOT NULL REFERENCES journal_call ON DELETE CASCADE,
    run_id     bigint  NOT NULL REFERENCES run ON DELETE CASCADE,
    repair_no  bigint  NOT NULL,                    -- the repair it was done for; 0: for none alone
    model      text    NOT NULL,
    table_name text    NOT NULL,
    record_id  bigint  NOT NULL,
    row_before jsonb,
    row_after  jsonb,                               -- the columns that differ; null: gone, or not known
    gone       boolean NOT NULL DEFAULT false,
    snapshot   jsonb,                               -- of a record that the call deletes
    PRIMARY KEY (call_id, table_name, record_id)
) WITH (fillfactor = 50);                           -- every row is written before its call and once more after it
CREATE INDEX journal_repair ON journal (run_id, repair_no);
CREATE INDEX journal_record ON journal (run_id, table_name, record_id, call_id);

-- Values that a repair changed beyond the intended ones.
CREATE TABLE changed_besides (
    run_id    bigint  NOT NULL REFERENCES run ON DELETE CASCADE,
    repair_no bigint  NOT NULL,
    model     text    NOT NULL,
    record_id bigint  NOT NULL,
    field     text    NOT NULL,
    before    text,
    after     text,
    derived   boolean NOT NULL,                     -- follows by itself
    PRIMARY KEY (run_id, model, record_id, field)
);

-- Placeholders and stand-ins this run used or made. Which ones there are is asked of Odoo at every run.
CREATE TABLE stand_in (
    run_id       bigint  NOT NULL REFERENCES run ON DELETE CASCADE,
    parent_model text    NOT NULL,
    missing_id   bigint,                            -- null: a shared placeholder
    company_id   bigint,
    xml_id       text,
    new_id       bigint  NOT NULL,
    name         text,
    made         boolean NOT NULL,
    own_rows     jsonb,                             -- relation rows it was made with, by table and column
    recalled     jsonb                              -- what came back with it: field, value and the source that kept it
);
CREATE INDEX stand_in_run ON stand_in (run_id);

-- What an undo takes back, in its order.
CREATE TABLE undo_item (
    run_id     bigint NOT NULL REFERENCES run ON DELETE CASCADE,
    no         bigint NOT NULL,
    kind       text   NOT NULL,                     -- record, values, row-removed, row-added, stand-in
    repair_no  bigint NOT NULL,                     -- of the undone run; 0: of none alone
    call_id    bigint NOT NULL,                     -- the undone run's last call on it; 0: a stand-in
    model      text   NOT NULL,
    table_name text   NOT NULL,
    record_id  bigint NOT NULL,
    restore    jsonb  NOT NULL,                     -- the old values
    expect     jsonb  NOT NULL,                     -- the row as the undone run left it
    context    jsonb  NOT NULL,
    new_id     bigint,                              -- of a record made anew
    outcome    text,                                -- null until known
    reason     text,
    PRIMARY KEY (run_id, no)
);

-- What an undo could not make as it was before the undone run, field by field. field "id": the row itself came or went.
CREATE TABLE undo_difference (
    run_id     bigint NOT NULL REFERENCES run ON DELETE CASCADE,
    model      text,
    table_name text   NOT NULL,
    record_id  bigint NOT NULL,                     -- of a relation row: the one side's; the other is the value
    field      text   NOT NULL,
    before     text,
    after      text,
    why        text,
    PRIMARY KEY (run_id, table_name, record_id, field)
);

CREATE TABLE quarantine (
    id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id             bigint      NOT NULL REFERENCES run ON DELETE CASCADE,
    repair_no          bigint      NOT NULL,
    target_fingerprint text        NOT NULL,
    model              text        NOT NULL,
    table_name         text        NOT NULL,
    record_id          bigint      NOT NULL,
    snapshot           jsonb       NOT NULL,
    archived           boolean     NOT NULL,        -- in Odoo, by us; false: only marked here, or archived before
    status             text        NOT NULL DEFAULT 'open', -- open, released, restored
    created_at         timestamptz NOT NULL,
    release_run        bigint REFERENCES run ON DELETE SET NULL, -- the latest run that was to release it by another policy
    decided_by         text,                        -- who had it released or restored, when, and what he said
    decided_at         timestamptz,
    comment            text
);
CREATE UNIQUE INDEX quarantine_open ON quarantine (target_fingerprint, table_name, record_id) WHERE status = 'open';
