# ruff: noqa: S608 - conditions made of constants
"""Cases of weighty reasons behind the wall: their listener reaches them while they are open, the employee
once told; all else about them is done as kcc itself, after the policy gave its permit.
"""

from kcc.wall.rights import READ, Right, Table

_MINE = "ANY ((SELECT kcc_wall.cases())::varchar[])"
CASE_CALLS = "((SELECT kcc_wall.case_calls())::varchar[])"
TOLD = "((SELECT kcc_wall.told_subjects())::varchar[])"
_OF_DECISION = f"EXISTS (SELECT 1 FROM case_decision AS d WHERE d.id = decision_id AND d.case_id = {_MINE})"

CASES = (
    Table("weighty_case", web=(Right("SELECT", f"id = {_MINE}"),), wall=READ),
    Table("case_decision", web=(Right("SELECT", f"case_id = {_MINE}"),), wall=READ),
    Table("case_signature", web=(Right("SELECT", _OF_DECISION),), wall=READ),
    Table("case_call", web=(Right("SELECT", f"case_id = {_MINE}"),), wall=READ),
    # Counts about nobody: who may read them the first wall says, and which of them.
    Table("case_count"),
)


def functions() -> list[tuple[str, str, str]]:
    """(signature, what it gives, body) of the wall's functions about cases, each after those it calls."""
    return [
        ("cases()", "varchar[]", _CASES),
        ("case_calls()", "varchar[]", _CALLS),
        ("told_subjects()", "varchar[]", _TOLD),
    ]


_HEARD = """
    c.listener_id = kcc_wall.person() AND c.employee_id <> kcc_wall.person()
    AND c.opened_at IS NOT NULL AND c.ended_at IS NULL AND c.suspended_at IS NULL
    AND c.ends_at > kcc_wall.now()
    AND (kcc_wall.holds('team_lead') OR kcc_wall.holds('department_manager'))
"""
_TOLD_OF = "c.employee_id = kcc_wall.person() AND c.told_at IS NOT NULL"
_CASES = f"""
    SELECT coalesce(array_agg(c.id), '{{{{}}}}') FROM {{schema}}.weighty_case c
    WHERE {_TOLD_OF} OR {_HEARD}
"""
_CALLS = f"""
    SELECT coalesce(array_agg(r.id), '{{{{}}}}') FROM {{schema}}.weighty_case c
    JOIN {{schema}}.case_call k ON k.case_id = c.id
    JOIN {{schema}}.recording r ON r.id = k.recording_id
    WHERE r.state = 'live' AND greatest(r.due_at, r.kept_until) > kcc_wall.now() AND {_HEARD}
"""
_TOLD = f"""
    SELECT coalesce(array_agg(t.subject), '{{{{}}}}') FROM (
        SELECT 'case:' || c.id AS subject FROM {{schema}}.weighty_case c WHERE {_TOLD_OF}
        UNION ALL
        SELECT 'case_call:' || k.id FROM {{schema}}.weighty_case c
        JOIN {{schema}}.case_call k ON k.case_id = c.id WHERE {_TOLD_OF}
    ) AS t
"""
