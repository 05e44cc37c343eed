# ruff: noqa: S608 - conditions made of constants
"""Joint sessions behind the wall: who reaches which rows, and the functions that decide; how functions are
made stands in functions, all other tables in tables.
"""

from kcc.wall.rights import READ, Right, Table
from kcc.wall.who import EMPLOYEE, ME

_JOINTS = "((SELECT kcc_wall.joints())::varchar[])"
_MY_CALL = (
    "EXISTS (SELECT 1 FROM recording AS call WHERE call.id = recording_id"
    f" AND call.employee_id = {ME} AND {EMPLOYEE})"
)
_MY_SEAT = f"person_id = {ME} AND joint_id = ANY {_JOINTS}"
_AT_MY_SEAT = f"session_id = (SELECT kcc_wall.session()) AND joint_id = ANY {_JOINTS}"

TOGETHER = (
    Table(
        "joint_session",
        web=(
            Right("SELECT", f"id = ANY {_JOINTS} OR (employee_id = {ME} AND {EMPLOYEE})"),
            Right("INSERT", f"employee_id = {ME} AND {_MY_CALL} AND lead_id IS NULL AND closed_at IS NULL"),
            Right(
                "UPDATE",
                f"id = ANY {_JOINTS} AND closed_at IS NULL",
                "lead_id, closed_at, ended_why",
                f"employee_id = {ME} OR lead_id = {ME}",
            ),
        ),
        wall=READ,
    ),
    Table(
        "joint_presence",
        # Whoever proves beside another that they are there is signed in nowhere: kcc itself writes that.
        web=(
            Right("SELECT", f"joint_id = ANY {_JOINTS}"),
            Right("INSERT", f"{_MY_SEAT} AND NOT beside AND session_id = (SELECT kcc_wall.session())"),
            Right(
                "UPDATE",
                f"({_MY_SEAT}) OR ({_AT_MY_SEAT})",
                "session_id, joined_at, seen_at, left_at, beside, listening",
                f"({_AT_MY_SEAT}) AND (person_id = {ME} AND NOT beside OR person_id <> {ME} AND beside)",
            ),
        ),
        wall=READ,
    ),
    Table(
        "joint_transport",
        web=(
            Right("SELECT", f"joint_id = ANY {_JOINTS}"),
            Right("INSERT", f"joint_id = ANY {_JOINTS}"),
            Right("UPDATE", f"joint_id = ANY {_JOINTS}"),
        ),
    ),
    Table(
        "joint_mark",
        web=(
            Right("SELECT", f"joint_id = ANY {_JOINTS}"),
            Right("INSERT", f"joint_id = ANY {_JOINTS} AND by_id = {ME}"),
        ),
    ),
)


def functions() -> list[tuple[str, str, str]]:
    """(signature, what it gives, body) of the wall's functions about these tables, each after those it
    calls.
    """
    return [
        ("joints()", "varchar[]", _MINE),
        ("together()", "varchar[]", _CALLS),
        ("seats(joint varchar)", "varchar[]", _SEATS),
    ]


_MINE = """
    SELECT coalesce(array_agg(j.id), '{{}}') FROM {schema}.joint_session j
    JOIN {schema}.recording r ON r.id = j.recording_id
    WHERE r.state = 'live' AND r.due_at > kcc_wall.now() AND (
        j.employee_id = kcc_wall.person() AND kcc_wall.holds('employee')
        OR j.employee_id = ANY (kcc_wall.led()) AND j.ends_at > kcc_wall.now()
           AND (j.lead_id IS NULL OR j.lead_id = kcc_wall.person()))
"""
"""The employee's own; a team lead's those that nobody else joined, within their hour."""
_CALLS = """
    SELECT coalesce(array_agg(j.recording_id), '{{}}') FROM {schema}.joint_session j
    WHERE j.id = ANY (kcc_wall.joints())
"""
_SEATS = """
    SELECT coalesce(array_agg(p.session_id), '{{}}') FROM {schema}.joint_presence p
    JOIN {schema}.signin_session s ON s.id = p.session_id
    WHERE p.joint_id = joint AND joint = ANY (kcc_wall.joints()) AND s.ended_at IS NULL
"""
"""Of both browsers those that are still signed in; nothing else of them."""
