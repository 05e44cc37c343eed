# ruff: noqa: S608 - conditions made of constants
"""Who reaches what in coaching's tables: samples, reports and all that hangs on them, planning, criteria."""

from kcc.wall.rights import ADD, READ, Right, Table
from kcc.wall.who import COACH, COACHED, EMPLOYEE, KNOWN, ME
from kcc.wall.who import read as _read

_OF_MINE = f"({EMPLOYEE} AND employee_id = {ME}) OR employee_id = ANY {COACHED}"
_KNOWN_DATES = (
    f"({EMPLOYEE} AND employee_id = {ME} AND (announced_at IS NOT NULL OR state = 'drawn'))"
    f" OR employee_id = ANY {COACHED}"
)
_MY_REPORT = f"({EMPLOYEE} AND employee_id = {ME} AND finished_at IS NOT NULL AND content <> '')"
_WRITTEN = f"coach_id = {ME} AND employee_id = ANY {COACHED} AND content <> ''"
_REPORT = "EXISTS (SELECT 1 FROM report AS r WHERE r.id = report_id AND r.finished_at IS NOT NULL{more})"
_OF_A_REPORT = _REPORT.format(more="")
"""Of a finished report that one may read: the rights to its own row decide who that is."""
_MY_PART = "(part = 'together' OR {})".format(
    _REPORT.format(
        more=f" AND (part = 'employee' AND r.employee_id = {ME} OR part = 'coach' AND r.coach_id = {ME})"
    )
)
"""What both write, or one's own view (REP-3)."""
_SUMMARY = "content <> '' AND"
_MY_SUMMARY = f"({_SUMMARY} {EMPLOYEE} AND employee_id = {ME} AND sent_at IS NOT NULL)"
_I_SUM_UP = f"({_SUMMARY} coach_id = {ME} AND employee_id = ANY {COACHED})"
_OF_MY_TEAM = f"({_SUMMARY} passed_at IS NOT NULL AND employee_id = ANY ((SELECT kcc_wall.led())::varchar[]))"
_OF_NO_THREAT = "NOT kcc_wall.threatened(sampled_call_id)"
_OPEN_SAMPLE = "((SELECT kcc_wall.samples())::varchar[])"
_MY_SAMPLE = f"(id = ANY {_OPEN_SAMPLE} OR id = ANY ((SELECT kcc_wall.reported())::varchar[]))"


_ASKED = f"({EMPLOYEE} AND employee_id = {ME})"
_FIRST = f"(coach_id = {ME} AND employee_id = ANY {COACHED})"
_OPEN_OPINION = "id = ANY ((SELECT kcc_wall.opinions())::varchar[])"
_COMPARED = "ANY ((SELECT kcc_wall.compared())::varchar[])"
_LOOKING_BACK = f"(second_id = {ME} AND ended_at IS NULL AND report_id = {_COMPARED})"
_OPINION_SAYS = (
    "second_id, taken_at, why, content, revision, saved_at, finished_at, ended_at, ended_why, conclusion,"
    " conclusion_revision, conclusion_saved_at, employee_agreed_at, coach_agreed_at, coach_agreed_id,"
    " concluded_at"
)
_HEARD_AND_TOLD = (
    "EXISTS (SELECT 1 FROM report AS told WHERE told.id = report_id"
    f" AND (told.coach_id = {ME} OR told.employee_id = {ME}))"
    " AND EXISTS (SELECT 1 FROM recording AS call WHERE call.id = recording_id)"
)
"""Both as this person sees them: whoever reads the report and may still hear the call."""
_OF_MY_DRAFT = (
    "EXISTS (SELECT 1 FROM report AS told WHERE told.id = report_id"
    f" AND told.coach_id = {ME} AND told.finished_at IS NULL)"
)


COACHING = (
    Table(
        "selection_date",
        # What was fixed without announcing it is the coach's to know, until it has been drawn (ANN-2).
        web=(_read(_KNOWN_DATES),),
    ),
    Table(
        "draw",
        # Proofs are read as kcc itself, after the policy gave its permit: pools are in no list of anybody's.
        figures="SELECT (number, drawn_at, committed_at, chain_id, chain_index)",
    ),
    # Only ever added to: what was set before belongs to the draws that took it.
    Table(
        "draw_phrase",
        web=(
            _read(f"{EMPLOYEE} AND employee_id = {ME}"),
            Right("INSERT", f"{EMPLOYEE} AND employee_id = {ME}"),
        ),
    ),
    # Planning is written by kcc itself, once the policy permitted it to whoever asked.
    Table("unannounced_agreement", web=(_read(_OF_MINE),)),
    Table("quota_exception", web=(_read(_OF_MINE),)),
    Table("coach_capacity", web=(_read(f"coach_id = {ME}"),)),
    Table(
        "slot_allowance",
        web=(_read(_OF_MINE),),
        wall=READ,
    ),
    Table(
        "sampled_call",
        # A row is locked while a report about it begins; changing it is the system's alone.
        web=(_read(_MY_SAMPLE), Right("UPDATE", _MY_SAMPLE, "slot", "false")),
        figures="SELECT (id, left_at)",
        wall=READ,
    ),
    Table(
        "report",
        web=(
            _read(
                f"{_MY_REPORT} OR ({_WRITTEN} AND (finished_at IS NOT NULL OR {_OF_NO_THREAT}))"
                f" OR (id = {_COMPARED} AND content <> '')"
            ),
            Right(
                "INSERT",
                f"coach_id = {ME} AND finished_at IS NULL AND EXISTS (SELECT 1 FROM sampled_call AS drawn"
                f" WHERE drawn.id = sampled_call_id AND drawn.id = ANY {_OPEN_SAMPLE}"
                " AND drawn.employee_id = report.employee_id)",
            ),
            Right(
                "UPDATE",
                f"{_MY_REPORT} OR ({_WRITTEN} AND finished_at IS NULL AND {_OF_NO_THREAT})",
                "content, revision, saved_at, finished_at, read_at",
                f"{_MY_REPORT} OR ({_WRITTEN})",
            ),
        ),
        figures="SELECT (id, finished_at, content)",
        wall=READ,
    ),
    Table(
        "conversation",
        web=(
            _read(_OF_A_REPORT),
            Right("INSERT", _OF_A_REPORT),
            Right(
                "UPDATE",
                _OF_A_REPORT,
                "state, appointment, begins_at, minutes, sequence, version, reason",
            ),
        ),
    ),
    Table(
        "conversation_text",
        # A view is its writer's alone until it is shared.
        web=(
            _read(f"{_OF_A_REPORT} AND (shared_at IS NOT NULL OR {_MY_PART})"),
            Right("INSERT", f"saved_by_id = {ME} AND {_OF_A_REPORT} AND {_MY_PART}"),
            Right(
                "UPDATE",
                f"{_OF_A_REPORT} AND {_MY_PART}",
                "content, revision, saved_at, saved_by_id, shared_at",
                f"saved_by_id = {ME} AND {_OF_A_REPORT} AND {_MY_PART}",
            ),
        ),
    ),
    # What is signed stays as it was signed, and nobody signs for another.
    Table("signed_version", web=(_read(_OF_A_REPORT), Right("INSERT", _OF_A_REPORT))),
    Table(
        "report_signature",
        web=(_read(_OF_A_REPORT), Right("INSERT", f"person_id = {ME} AND {_OF_A_REPORT}")),
    ),
    Table(
        "improvement_point",
        web=(
            _read(_OF_A_REPORT),
            Right("INSERT", _OF_A_REPORT),
            Right("UPDATE", _OF_A_REPORT, "content, closed_at, closed_in_id"),
        ),
    ),
    Table(
        "appraisal_summary",
        # The coach writes it, the employee reads it, adds a view and passes it on; the team lead only reads.
        web=(
            _read(f"{_MY_SUMMARY} OR {_I_SUM_UP} OR {_OF_MY_TEAM}"),
            Right("INSERT", f"coach_id = {ME} AND employee_id = ANY {COACHED} AND sent_at IS NULL"),
            Right(
                "UPDATE",
                f"passed_at IS NULL AND ({_MY_SUMMARY} OR {_I_SUM_UP})",
                "content, view, revision, since, until, saved_at, sent_at, read_at, passed_at",
                f"{_MY_SUMMARY} OR (coach_id = {ME} AND employee_id = ANY {COACHED} AND passed_at IS NULL)",
            ),
        ),
        wall=READ,
    ),
    Table(
        "second_opinion",
        # The second coach's row is theirs to change until both scores lie open, then the first two's.
        web=(
            _read(f"{_ASKED} OR {_FIRST} OR {_OPEN_OPINION} OR {_LOOKING_BACK}"),
            Right(
                "INSERT",
                f"{_ASKED} AND second_id IS NULL AND EXISTS (SELECT 1 FROM report AS mine"
                " WHERE mine.id = report_id AND mine.employee_id = second_opinion.employee_id)",
            ),
            Right(
                "UPDATE",
                f"ended_at IS NULL AND concluded_at IS NULL"
                f" AND ({_ASKED} OR ({_FIRST} AND finished_at IS NOT NULL) OR {_OPEN_OPINION})",
                _OPINION_SAYS,
                f"{_ASKED} OR {_FIRST} OR second_id = {ME}",
            ),
        ),
        wall=READ,
    ),
    Table(
        "remark_moment",
        web=(
            Right("SELECT", _HEARD_AND_TOLD),
            Right("INSERT", _OF_MY_DRAFT),
            Right("UPDATE", _OF_MY_DRAFT, "recording_id, sealed"),
            Right("DELETE", _OF_MY_DRAFT),
        ),
    ),
    # Counts about groups, published once: who may read them the first wall says.
    Table("centre_quarter", web=(_read(),), jobs=ADD),
    Table("centre_figure", web=(_read(),), jobs=ADD),
    Table(
        "form_version",
        # What is published is everybody's to read, and no role's to change (its triggers): a draft is the
        # coaches'. Who puts it forward, and who confirms it, writes their own name.
        web=(
            _read(f"{KNOWN} AND (published_at IS NOT NULL OR {COACH})"),
            Right("INSERT", f"{COACH} AND published_at IS NULL AND proposed_by IS NULL AND saved_by = {ME}"),
            Right(
                "UPDATE",
                f"{COACH} AND published_at IS NULL",
                "body, revision, saved_at, saved_by, starts_on, proposed_by, proposed_at, confirmed_by,"
                " published_at",
                f"{COACH} AND (confirmed_by IS NULL OR confirmed_by = {ME})",
            ),
        ),
        jobs=READ,
    ),
    Table("seed_chain", figures="SELECT (id, length, used)"),
)
"""What is about one employee, but for the criteria and the figures of the centre."""
