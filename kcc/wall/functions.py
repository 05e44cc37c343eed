# ruff: noqa: S608 - statements made of constants and of names quoted by building
"""The wall's functions in SQL: who a transaction acts for, and what follows from it; where they are asked
stands in tables.

Each belongs to the role kcc_wall, runs with its rights (SECURITY DEFINER), and finds every name without the
caller's search path.
"""

from kcc import clock
from kcc.wall import cases, listening_together, shared_calls
from kcc.wall.rights import WALL

IDLE, LONGEST = "15 minutes", "10 hours"
"""The protocol's own limits of a session (SEC-1); stricter ones of an installation are the first wall's."""

CONTEXT = f"""
CREATE UNLOGGED TABLE {WALL}.context (
    pid integer PRIMARY KEY,
    xid xid8 NOT NULL,
    person_id varchar(32) NOT NULL,
    session_id varchar(32) NOT NULL
) WITH (fillfactor = 50)
"""
"""For whom each connection's transaction acts: a row counts for the very transaction that wrote it."""

_HERE = f"FROM {WALL}.context WHERE pid = pg_backend_pid() AND xid = pg_current_xact_id_if_assigned()"
_FORCE = "begins <= kcc_wall.today() AND (ends IS NULL OR ends > kcc_wall.today())"


def statements(schema: str, web: str) -> list[str]:
    """What makes the functions over a schema's tables and lets the web's role call them; both quoted."""
    made = []
    for signature, returns, body in _functions():
        name = f"{WALL}.{signature}"
        volatility = "VOLATILE" if signature.startswith("enter") else "STABLE"
        made.append(
            f"CREATE FUNCTION {name} RETURNS {returns} LANGUAGE sql {volatility} SECURITY DEFINER"
            f" SET search_path = pg_catalog, pg_temp AS $body$ {body.format(schema=schema)} $body$"
        )
        made.append(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        made.append(f"GRANT EXECUTE ON FUNCTION {name} TO {web}")
    return [CONTEXT, *made, _ONLY_READ]


def trigger(schema: str) -> str:
    """What keeps an employee from changing a report about themselves but for noting that they read it."""
    return (
        f"CREATE TRIGGER kcc_only_read BEFORE UPDATE ON {schema}.report"
        f" FOR EACH ROW EXECUTE FUNCTION {WALL}.only_read()"
    )


def _functions() -> list[tuple[str, str, str]]:
    """(signature, what it gives, body), each after those it calls."""
    return [
        ("now()", "timestamptz", "SELECT pg_catalog.now()"),
        ("today()", "date", f"SELECT (kcc_wall.now() AT TIME ZONE '{clock.LOCAL.key}')::date"),
        ("enter(shown bytea)", "boolean", _ENTER),
        ("person()", "varchar", f"SELECT person_id {_HERE}"),
        ("session()", "varchar", f"SELECT session_id {_HERE}"),
        ("holds(wanted text)", "boolean", _HOLDS),
        ("coached()", "varchar[]", _COACHED),
        ("open_samples()", "TABLE (sample_id varchar, recording_id varchar)", _OPEN_SAMPLES),
        (
            "samples()",
            "varchar[]",
            _ALL.format(column="sample_id"),
        ),
        (
            "drawn()",
            "varchar[]",
            _ALL.format(column="recording_id"),
        ),
        ("threatened(sample varchar)", "boolean", _THREATENED),
        ("reported()", "varchar[]", _REPORTED),
        ("led()", "varchar[]", _LED),
        ("open_opinions()", "TABLE (opinion_id varchar, recording_id varchar)", _OPEN_OPINIONS),
        ("opinions()", "varchar[]", _OF_OPINIONS.format(column="opinion_id")),
        ("opined()", "varchar[]", _OF_OPINIONS.format(column="recording_id")),
        ("compared()", "varchar[]", _COMPARED),
        ("disclosed()", "varchar[]", _DISCLOSED),
        ("report_about(sample varchar)", "varchar", _REPORT_ABOUT),
        (
            "slots(wanted varchar[], in_month date)",
            "TABLE (employee_id varchar, slot integer, state text)",
            _SLOTS,
        ),
        *shared_calls.functions(),
        *listening_together.functions(),
        *cases.functions(),
        ("stands(kind text, wanted varchar)", "boolean", _STANDS),
    ]


_ENTER = f"""
    WITH shows AS (
        SELECT id, person_id FROM {{schema}}.signin_session
        WHERE token_digest = shown AND ended_at IS NULL
          AND seen_at > kcc_wall.now() - interval '{IDLE}'
          AND created_at > kcc_wall.now() - interval '{LONGEST}'
    ), written AS (
        INSERT INTO kcc_wall.context AS kept (pid, xid, person_id, session_id)
        SELECT pg_backend_pid(), pg_current_xact_id(), person_id, id FROM shows
        ON CONFLICT (pid) DO UPDATE
        SET xid = excluded.xid, person_id = excluded.person_id, session_id = excluded.session_id
        RETURNING kept.pid
    )
    SELECT EXISTS (SELECT 1 FROM written)
"""
_HOLDS = f"""
    SELECT EXISTS (
        SELECT 1 FROM {{schema}}.function_period
        WHERE person_id = kcc_wall.person() AND function = wanted AND {_FORCE}
    )
"""
_COACHED = f"""
    SELECT coalesce(array_agg(employee_id), '{{{{}}}}') FROM {{schema}}.coach_assignment
    WHERE coach_id = kcc_wall.person() AND employee_id <> coach_id AND kcc_wall.holds('coach') AND {_FORCE}
      AND employee_id IN (
          SELECT person_id FROM {{schema}}.function_period WHERE function = 'employee' AND {_FORCE})
"""
_OPEN_SAMPLES = """
    SELECT s.id, r.id FROM {schema}.sampled_call s
    JOIN {schema}.recording r ON r.id = s.recording_id
    LEFT JOIN {schema}.report w ON w.sampled_call_id = s.id
    WHERE s.employee_id = ANY (kcc_wall.coached()) AND s.left_at IS NULL AND w.finished_at IS NULL
      AND r.state = 'live' AND r.due_at > kcc_wall.now() AND NOT r.sample_barred
      AND r.employee_id IS DISTINCT FROM kcc_wall.person()
"""
_ALL = "SELECT coalesce(array_agg({column}), '{{{{}}}}') FROM kcc_wall.open_samples()"
_THREATENED = """
    SELECT EXISTS (
        SELECT 1 FROM {schema}.sampled_call s LEFT JOIN {schema}.recording r ON r.id = s.recording_id
        WHERE s.id = sample AND (s.left_reason = 'threat' OR r.sample_barred)
    )
"""
_REPORTED = """
    SELECT coalesce(array_agg(w.sampled_call_id), '{{}}') FROM {schema}.report w
    WHERE w.content <> '' AND (
        w.employee_id = kcc_wall.person() AND w.finished_at IS NOT NULL AND kcc_wall.holds('employee')
        OR w.coach_id = kcc_wall.person() AND w.employee_id = ANY (kcc_wall.coached())
           AND (w.finished_at IS NOT NULL OR NOT kcc_wall.threatened(w.sampled_call_id)))
"""
_LED = f"""
    SELECT coalesce(array_agg(p.person_id), '{{{{}}}}') FROM {{schema}}.function_period p
    WHERE p.function = 'employee' AND p.person_id <> kcc_wall.person() AND {_FORCE} AND p.team_id IN (
        SELECT team_id FROM {{schema}}.function_period
        WHERE person_id = kcc_wall.person() AND function = 'team_lead' AND {_FORCE})
"""
_OPEN_OPINIONS = f"""
    SELECT o.id, r.id FROM {{schema}}.second_opinion o
    LEFT JOIN {{schema}}.recording r
        ON r.id = o.recording_id AND r.state = 'live' AND r.due_at > kcc_wall.now()
    WHERE kcc_wall.holds('coach') AND o.ended_at IS NULL AND o.finished_at IS NULL
      AND o.ends_at > kcc_wall.now() AND o.employee_id <> kcc_wall.person()
      AND o.coach_id IS DISTINCT FROM kcc_wall.person() AND o.author_id IS DISTINCT FROM kcc_wall.person()
      AND (o.second_id = kcc_wall.person() OR o.second_id IS NULL AND r.id IS NOT NULL)
      AND o.employee_id IN (
          SELECT person_id FROM {{schema}}.function_period WHERE function = 'employee' AND {_FORCE})
      AND NOT EXISTS (
          SELECT 1 FROM {{schema}}.recording t WHERE t.id = o.recording_id AND t.sample_barred)
      AND NOT EXISTS (
          SELECT 1 FROM {{schema}}.function_period
          WHERE person_id = kcc_wall.person() AND function = 'team_lead' AND {_FORCE} AND team_id IN (
              SELECT team_id FROM {{schema}}.function_period
              WHERE person_id = o.employee_id AND function = 'employee' AND {_FORCE}))
"""
"""What somebody may take, or has taken and may score; with the call as long as it can be heard."""
_OF_OPINIONS = "SELECT coalesce(array_agg({column}), '{{{{}}}}') FROM kcc_wall.open_opinions()"
_COMPARED = f"""
    SELECT coalesce(array_agg(report_id), '{{{{}}}}') FROM {{schema}}.second_opinion
    WHERE second_id = kcc_wall.person() AND kcc_wall.holds('coach') AND ended_at IS NULL
      AND concluded_at IS NULL AND finished_at > kcc_wall.now() - interval '28 days'
      AND employee_id IN (
          SELECT person_id FROM {{schema}}.function_period WHERE function = 'employee' AND {_FORCE})
"""
"""The reports that a second coach may read beside their own scores, once these are finished."""
_DISCLOSED = """
    SELECT coalesce(array_agg(d.recording_id), '{{}}') FROM {schema}.disclosure_entry d
    JOIN {schema}.recording r ON r.id = d.recording_id
    WHERE kcc_wall.holds('data_protection_officer') AND d.expires_at > kcc_wall.now()
      AND r.state = 'live' AND r.due_at > kcc_wall.now() AND r.employee_id IS DISTINCT FROM kcc_wall.person()
"""
_REPORT_ABOUT = """
    SELECT w.id FROM {schema}.report w
    WHERE w.sampled_call_id = sample AND w.content <> '' AND sample = ANY (kcc_wall.samples())
"""
_SLOTS = """
    SELECT a.employee_id, a.slot, CASE
        WHEN s.id IS NULL THEN 'open'
        WHEN w.finished_at IS NOT NULL THEN 'scored'
        WHEN s.left_at IS NULL THEN 'drawn'
        ELSE 'skipped' END
    FROM {schema}.slot_allowance a
    LEFT JOIN {schema}.sampled_call s ON s.employee_id = a.employee_id AND s.month = a.month
         AND s.slot = a.slot AND s.freed_ordinal IS NULL
    LEFT JOIN {schema}.report w ON w.sampled_call_id = s.id
    WHERE a.month = in_month AND a.employee_id = ANY (wanted) AND a.employee_id = ANY (kcc_wall.coached())
"""
_STANDS = """
    SELECT kcc_wall.person() IS NOT NULL AND CASE kind
        WHEN 'recording' THEN EXISTS (
            SELECT 1 FROM {schema}.recording WHERE id = wanted AND left_at IS NULL)
        WHEN 'case_call' THEN EXISTS (SELECT 1 FROM {schema}.case_call WHERE id = wanted)
        WHEN 'case' THEN EXISTS (SELECT 1 FROM {schema}.weighty_case WHERE id = wanted)
        WHEN 'sample' THEN EXISTS (
            SELECT 1 FROM {schema}.sampled_call s JOIN {schema}.recording r ON r.id = s.recording_id
            WHERE s.id = wanted)
        WHEN 'summary' THEN EXISTS (
            SELECT 1 FROM {schema}.appraisal_summary WHERE id = wanted AND content <> '')
        WHEN 'opinion' THEN EXISTS (SELECT 1 FROM {schema}.second_opinion WHERE id = wanted)
        WHEN 'disclosure' THEN EXISTS (SELECT 1 FROM {schema}.disclosure_entry WHERE id = wanted)
        WHEN 'consent' THEN EXISTS (SELECT 1 FROM {schema}.call_consent WHERE id = wanted)
        WHEN 'calibration' THEN EXISTS (SELECT 1 FROM {schema}.calibration WHERE id = wanted)
        WHEN 'joint' THEN EXISTS (SELECT 1 FROM {schema}.joint_session WHERE id = wanted)
        WHEN 'training' THEN EXISTS (SELECT 1 FROM {schema}.training WHERE id = wanted)
        WHEN 'report' THEN EXISTS (SELECT 1 FROM {schema}.report WHERE id = wanted AND content <> '')
        ELSE false END
"""
_ONLY_READ = f"""
CREATE FUNCTION {WALL}.only_read() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $body$
DECLARE acting varchar := kcc_wall.person();
BEGIN
    IF acting IS NULL THEN
        RETURN NEW;
    END IF;
    IF OLD.employee_id = acting AND to_jsonb(NEW) - 'read_at' <> to_jsonb(OLD) - 'read_at'
       OR OLD.employee_id <> acting AND NEW.read_at IS DISTINCT FROM OLD.read_at THEN
        RAISE insufficient_privilege
        USING MESSAGE = 'a report is written by its coach and read by its employee';
    END IF;
    RETURN NEW;
END $body$
"""
