# ruff: noqa: S608 - conditions made of constants
"""Who reaches what in coaching's tables beside the draw and the report; the rest stands in tables."""

from kcc.wall.rights import Right, Table

_ME = "(SELECT kcc_wall.person())"
_HEARD_AND_TOLD = (
    "EXISTS (SELECT 1 FROM report AS told WHERE told.id = report_id"
    f" AND (told.coach_id = {_ME} OR told.employee_id = {_ME}))"
    " AND EXISTS (SELECT 1 FROM recording AS call WHERE call.id = recording_id)"
)
"""Both as this person sees them: whoever reads the report and may still hear the call."""
_OF_MY_DRAFT = (
    "EXISTS (SELECT 1 FROM report AS told WHERE told.id = report_id"
    f" AND told.coach_id = {_ME} AND told.finished_at IS NULL)"
)

COACHING = (
    Table(
        "remark_moment",
        web=(
            Right("SELECT", _HEARD_AND_TOLD),
            Right("INSERT", _OF_MY_DRAFT),
            Right("UPDATE", _OF_MY_DRAFT, "recording_id, sealed"),
            Right("DELETE", _OF_MY_DRAFT),
        ),
    ),
)
