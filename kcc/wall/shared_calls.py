# ruff: noqa: S608 - conditions made of constants
"""Consents, calibration sessions and trainings behind the wall: who reaches which rows, and the functions
that decide; how functions are made stands in functions, all other tables in tables.
"""

from kcc.wall.rights import READ, Right, Table

ME = "(SELECT kcc_wall.person())"
KNOWN = f"{ME} IS NOT NULL"
EMPLOYEE = "(SELECT kcc_wall.holds('employee'))"
COACH = "(SELECT kcc_wall.holds('coach'))"
_COACHED = "((SELECT kcc_wall.coached())::varchar[])"
_SESSIONS = "((SELECT kcc_wall.sessions())::varchar[])"
_TOLD = "((SELECT kcc_wall.sessions_told())::varchar[])"
_COMPARED = "((SELECT kcc_wall.sessions_compared())::varchar[])"
_LED = "((SELECT kcc_wall.sessions_led())::varchar[])"
_TRAININGS = "((SELECT kcc_wall.trainings())::varchar[])"
_TRAININGS_TOLD = "((SELECT kcc_wall.trainings_told())::varchar[])"
_IN_FORCE = "begins <= kcc_wall.today() AND (ends IS NULL OR ends > kcc_wall.today())"

_MINE = f"({EMPLOYEE} AND employee_id = {ME})"
_OFFERED = (
    f"(purpose = 'calibration' AND state = 'given' AND asked_by_id IS NULL AND employee_id = ANY {_COACHED})"
)
_MY_CALL = (
    "EXISTS (SELECT 1 FROM recording AS call WHERE call.id = recording_id"
    f" AND call.employee_id = {ME} AND {EMPLOYEE})"
)
_DRAWN = "recording_id = ANY ((SELECT kcc_wall.drawn())::varchar[])"

SHARED_CALLS = (
    Table(
        "call_consent",
        web=(
            Right(
                "SELECT",
                f"{_MINE} OR {_OFFERED} OR ({COACH} AND asked_by_id = {ME})"
                f" OR id = ANY ((SELECT kcc_wall.consents())::varchar[]) OR training_id = ANY {_TRAININGS}",
            ),
            Right(
                "INSERT",
                f"({_MINE} AND {_MY_CALL} AND state = 'given' AND asked_by_id IS NULL)"
                f" OR ({COACH} AND asked_by_id = {ME} AND state = 'asked' AND {_DRAWN}"
                f" AND employee_id = ANY {_COACHED})",
            ),
            Right("UPDATE", _MINE, "state, answered_at"),
        ),
        wall=READ,
    ),
    Table(
        "calibration",
        web=(
            Right("SELECT", f"id = ANY {_TOLD} OR (facilitator_id = {ME} AND {COACH})"),
            Right("INSERT", f"facilitator_id = {ME} AND {COACH} AND ended_at IS NULL"),
            Right("UPDATE", f"id = ANY {_SESSIONS}", "compared_at, ended_at", f"{KNOWN}"),
        ),
        wall=READ,
    ),
    Table(
        "calibration_scorer",
        web=(
            Right("SELECT", f"calibration_id = ANY {_TOLD}"),
            Right("INSERT", f"calibration_id = ANY {_LED} AND finished_at IS NULL"),
            Right("UPDATE", f"coach_id = {ME} AND {COACH}", "finished_at"),
        ),
        wall=READ,
    ),
    Table(
        "calibration_sheet",
        web=(
            Right(
                "SELECT",
                f"(coach_id = {ME} AND calibration_id = ANY {_SESSIONS}) OR calibration_id = ANY {_COMPARED}",
            ),
            Right("INSERT", f"coach_id = {ME} AND calibration_id = ANY {_SESSIONS}"),
            Right(
                "UPDATE",
                f"coach_id = {ME} AND calibration_id = ANY {_SESSIONS}",
                "content, revision, saved_at",
            ),
        ),
    ),
    # Part of the quality plan, which everybody reads; no call stands in it.
    Table("item_interpretation", web=(Right("SELECT", KNOWN), Right("INSERT", COACH))),
    Table(
        "training",
        web=(
            Right("SELECT", f"id = ANY {_TRAININGS_TOLD} OR (trainer_id = {ME} AND {COACH})"),
            Right("INSERT", f"trainer_id = {ME} AND {COACH} AND closed_at IS NULL"),
            Right("UPDATE", f"trainer_id = {ME} AND {COACH}", "closed_at"),
        ),
        wall=READ,
    ),
    Table(
        "training_participant",
        web=(
            Right("SELECT", f"training_id = ANY {_TRAININGS_TOLD}"),
            Right("INSERT", f"training_id = ANY {_TRAININGS}"),
        ),
        wall=READ,
    ),
)


def functions() -> list[tuple[str, str, str]]:
    """(signature, what it gives, body) of the wall's functions about these tables, each after those it
    calls.
    """
    return [
        (f"{name}()", "varchar[]", body)
        for name, body in (
            ("sessions", _MY_SESSIONS),
            ("sessions_led", _LED_BY_ME),
            ("sessions_compared", _MY_COMPARED),
            ("sessions_told", _TOLD_SESSIONS),
            ("trainings", _MY_TRAININGS),
            ("trainings_told", _TOLD_TRAININGS),
            ("consents", _CONSENTS),
            ("shared", _SHARED),
        )
    ]


_HEARD = "r.state = 'live' AND r.due_at > kcc_wall.now() AND NOT r.sample_barred"
_OF_EMPLOYEE = (
    "EXISTS (SELECT 1 FROM {schema}.function_period p WHERE p.person_id = c.employee_id"
    " AND p.function = 'employee' AND p.begins <= kcc_wall.today()"
    " AND (p.ends IS NULL OR p.ends > kcc_wall.today()))"
)
_MY_SESSIONS = f"""
    SELECT coalesce(array_agg(k.id), '{{{{}}}}') FROM {{schema}}.calibration k
    JOIN {{schema}}.call_consent c ON c.id = k.consent_id
    JOIN {{schema}}.recording r ON r.id = c.recording_id
    WHERE kcc_wall.holds('coach') AND c.employee_id <> kcc_wall.person() AND {_HEARD}
      AND k.ended_at IS NULL AND k.ends >= kcc_wall.today()
      AND (k.facilitator_id = kcc_wall.person() OR EXISTS (
          SELECT 1 FROM {{schema}}.calibration_scorer s
          WHERE s.calibration_id = k.id AND s.coach_id = kcc_wall.person()))
"""
_LED_BY_ME = """
    SELECT coalesce(array_agg(k.id), '{{}}') FROM {schema}.calibration k
    WHERE kcc_wall.holds('coach') AND k.facilitator_id = kcc_wall.person() AND k.ended_at IS NULL
"""
_MY_COMPARED = """
    SELECT coalesce(array_agg(k.id), '{{}}') FROM {schema}.calibration k
    WHERE k.compared_at IS NOT NULL AND k.id = ANY (kcc_wall.sessions())
"""
_TOLD_SESSIONS = """
    SELECT coalesce(array_agg(k.id), '{{}}') FROM {schema}.calibration k
    JOIN {schema}.call_consent c ON c.id = k.consent_id
    WHERE k.id = ANY (kcc_wall.sessions())
       OR c.employee_id = kcc_wall.person() AND kcc_wall.holds('employee')
"""
_MY_TRAININGS = """
    SELECT coalesce(array_agg(t.id), '{{}}') FROM {schema}.training t
    WHERE t.closed_at IS NULL AND t.ends >= kcc_wall.today()
      AND (t.trainer_id = kcc_wall.person() AND kcc_wall.holds('coach') OR EXISTS (
              SELECT 1 FROM {schema}.training_participant p
              WHERE p.training_id = t.id AND p.person_id = kcc_wall.person())
           AND (kcc_wall.holds('coach') OR kcc_wall.holds('employee') AND t.kind = 'customer_contact'))
"""
_TOLD_TRAININGS = f"""
    SELECT coalesce(array_agg(t.id), '{{{{}}}}') FROM {{schema}}.training t
    WHERE t.id = ANY (kcc_wall.trainings()) OR kcc_wall.holds('employee') AND (
        EXISTS (SELECT 1 FROM {{schema}}.call_consent c
                WHERE c.training_id = t.id AND c.employee_id = kcc_wall.person())
        OR t.trainer_id IN (SELECT coach_id FROM {{schema}}.coach_assignment
                            WHERE employee_id = kcc_wall.person() AND {_IN_FORCE}))
"""
_CONSENTS = """
    SELECT coalesce(array_agg(k.consent_id), '{{}}') FROM {schema}.calibration k
    WHERE k.id = ANY (kcc_wall.sessions())
"""
_SHARED = f"""
    SELECT coalesce(array_agg(r.id), '{{{{}}}}') FROM {{schema}}.recording r
    WHERE {_HEARD} AND EXISTS (
        SELECT 1 FROM {{schema}}.call_consent c
        LEFT JOIN {{schema}}.training t ON t.id = c.training_id
        WHERE c.recording_id = r.id AND (
            c.id = ANY (kcc_wall.consents())
            OR c.purpose = 'calibration' AND c.asked_by_id IS NULL AND c.state = 'given'
               AND c.employee_id = ANY (kcc_wall.coached())
            OR c.training_id = ANY (kcc_wall.trainings()) AND c.state = 'given' AND {_OF_EMPLOYEE}))
"""
