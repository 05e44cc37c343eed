# ruff: noqa: S608 - conditions made of constants
"""Every table of the schema, and who reaches what in it through the database; a table that does not stand
here is closed to every role but its owner, and the habits' test asks for it.

The conditions are the policy's (kcc.access.policy) in SQL; tests/wall holds both together over a whole world.
"""

from kcc.wall.coaching import COACHING
from kcc.wall.rights import ADD, ALL, CHANGE, READ, Right, Table
from kcc.wall.shared_calls import SHARED_CALLS

ME = "(SELECT kcc_wall.person())"
NOW = "(SELECT kcc_wall.now())"
KNOWN = f"{ME} IS NOT NULL"
EMPLOYEE = "(SELECT kcc_wall.holds('employee'))"
COACHED = "((SELECT kcc_wall.coached())::varchar[])"
COACH = "(SELECT kcc_wall.holds('coach'))"
ADMINISTRATOR = "(SELECT kcc_wall.holds('administrator'))"
OFFICER = "(SELECT kcc_wall.holds('data_protection_officer'))"
OVERSEER = f"({OFFICER} OR (SELECT kcc_wall.holds('works_council')))"

_MINE = f"{EMPLOYEE} AND employee_id = {ME} AND due_at > {NOW}"
_LISTED = f"({_MINE} AND state IN ('live', 'sealed'))"
_AUDIBLE = f"({_MINE} AND state = 'live')"
_SIX_MONTHS = "interval '6 months 2 days'"
_FLAGGED = f"({_AUDIBLE} AND sample_barred AND due_at <= started_at + {_SIX_MONTHS})"
"""All that an employee's own report of a threat does to their call (RET-2); months are not equally long."""
_DRAWN = "id = ANY ((SELECT kcc_wall.drawn())::varchar[])"
_SHARED = "id = ANY ((SELECT kcc_wall.shared())::varchar[])"
_OF_MY_CALL = (
    "EXISTS (SELECT 1 FROM recording AS call WHERE call.id = recording_id"
    f" AND call.employee_id = {ME} AND {EMPLOYEE})"
)
_OF_MINE = f"({EMPLOYEE} AND employee_id = {ME}) OR employee_id = ANY {COACHED}"
_KNOWN_DATES = (
    f"({EMPLOYEE} AND employee_id = {ME} AND (announced_at IS NOT NULL OR state = 'drawn'))"
    f" OR employee_id = ANY {COACHED}"
)
_OF_MY_HOLD = "EXISTS (SELECT 1 FROM hold WHERE hold.id = hold_id)"
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


_OPINED = "id = ANY ((SELECT kcc_wall.opined())::varchar[])"
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

_ALL_BUT_THE_DIGEST = (
    "id, person_id, created_at, seen_at, ended_at, ended_why, proved_at, way, browser, system, posts_digest"
)


def _read(rows: str = KNOWN, columns: str = "") -> Right:
    return Right("SELECT", rows, columns)


def _kept_by_administrators(*, erased: bool = False) -> tuple[Right, ...]:
    """Everybody signed in may read it; writing it is the administrators'."""
    verbs = ("INSERT", "UPDATE", "DELETE") if erased else ("INSERT", "UPDATE")
    return (_read(), *(Right(verb, ADMINISTRATOR) for verb in verbs))


PROTECTED = (
    Table(
        "recording",
        web=(
            _read(f"{_LISTED} OR {_DRAWN} OR {_OPINED} OR {_SHARED}"),
            Right("UPDATE", _AUDIBLE, "due_at, due_rule, sample_barred", _FLAGGED),
        ),
        intake=CHANGE,
        figures="SELECT (state, reason, line, started_at, due_at)",
        wall=READ,
    ),
    Table(
        "hold",
        web=(_read(_OF_MY_CALL), Right("INSERT", f"placed_by = {ME} AND {_OF_MY_CALL}")),
        figures="SELECT (id, recording_id, lifted_at)",
    ),
    Table(
        "hold_review",
        web=(
            _read(_OF_MY_HOLD),
            Right("INSERT", f"owner_id = {ME} AND {_OF_MY_HOLD}"),
            Right(
                "UPDATE",
                f"owner_id = {ME} AND {_OF_MY_HOLD}",
                "review_at",
            ),
        ),
        figures="SELECT (hold_id, review_at)",
    ),
    Table(
        "playback_lease",
        web=(
            _read(f"person_id = {ME} OR {_OF_MY_CALL}"),
            Right(
                "INSERT",
                f"person_id = {ME} AND session_id = (SELECT kcc_wall.session())"
                " AND EXISTS (SELECT 1 FROM recording AS call WHERE call.id = recording_id)",
            ),
            Right("UPDATE", f"person_id = {ME}", "closed_at, fetched"),
        ),
    ),
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
        "incident",
        web=(
            _read(f"employee_id = {ME} AND {_OF_MY_CALL}"),
            Right("INSERT", f"employee_id = {ME} AND {_OF_MY_CALL}"),
        ),
        wall=READ,
    ),
    Table(
        "audit_line",
        web=(_read(f"about_id = {ME} OR actor_id = {ME} OR subject = 'person:' || {ME} OR {OFFICER}"),),
        jobs="SELECT, UPDATE (salt, body, actor_id, about_id, subject, purpose, xid)",
        figures="SELECT (id, at, xid)",
        append="INSERT (at, commitment, salt, body, actor_id, about_id, subject, action, purpose, allowed)",
    ),
)
"""Recordings, reports, incidents and the audit, with all that tells of one of them."""

AUDIT = (
    Table("audit_leaf", web=(_read(OFFICER),), jobs=ADD, figures=READ),
    Table("audit_tile", web=(_read(OFFICER),), jobs=CHANGE),
    Table("audit_checkpoint", web=(_read(OVERSEER),), jobs=ADD, figures=READ),
    Table("audit_seal", web=(_read(OVERSEER),), jobs=CHANGE, figures=READ),
    Table("audit_place", figures=READ),
)
"""The proof over the lines: about nobody; nothing sealed is ever taken away."""

PEOPLE = (
    Table(
        "person",
        # No hash of a password: it is proven at the gate.
        web=(
            _read(columns="id, number, name, email, language"),
            Right("INSERT", ADMINISTRATOR, "id, number, name, email, language"),
            Right("UPDATE", ADMINISTRATOR, "number, name, email, language"),
        ),
        gate="SELECT, UPDATE (password_hash, language)",
        intake="SELECT (id, number)",
    ),
    Table("department", web=_kept_by_administrators(), gate=READ),
    Table("team", web=_kept_by_administrators(), gate=READ),
    Table(
        "function_period",
        web=_kept_by_administrators(erased=True),
        gate=READ,
        intake=READ,
        wall=READ,
    ),
    Table("agent_id", web=_kept_by_administrators(erased=True), intake=READ),
    Table("coach_assignment", web=_kept_by_administrators(erased=True), wall=READ),
    Table(
        "signin_session",
        # No digest: whoever could read one could enter as somebody else. One that ended stays ended.
        web=(
            _read(f"person_id = {ME} OR {ADMINISTRATOR}", _ALL_BUT_THE_DIGEST),
            Right(
                "UPDATE",
                f"(person_id = {ME} OR {ADMINISTRATOR}) AND ended_at IS NULL",
                "seen_at, ended_at, ended_why",
                f"person_id = {ME} OR {ADMINISTRATOR}",
            ),
        ),
        gate=ALL,
        figures="SELECT (id, way, created_at)",
        wall=READ,
    ),
    Table("signin_throttle", gate=ALL),
    Table("half_session", gate=ALL),
    Table("authenticator_app", gate=ALL),
    Table("passkey", gate=ALL),
    Table("passkey_challenge", gate=ALL),
    Table("recovery_code", gate=ALL),
    Table("sso_account", gate=ALL),
    Table("sso_answer", gate=ALL),
    Table("function_ending", web=_kept_by_administrators(erased=True)),
    Table("succession", web=_kept_by_administrators(erased=True)),
    Table(
        "notice",
        # Whoever acts may tell others of it, in kcc's own sentences; each reads their own.
        web=(
            _read(f"person_id = {ME}"),
            Right("INSERT", KNOWN),
            Right("UPDATE", f"person_id = {ME}", "read_at"),
        ),
        gate="SELECT (id, person_id, read_at), INSERT",
    ),
    Table("letter", figures="SELECT (id, sent_at, given_up_at)"),
    Table(
        "mail_choice",
        web=(
            _read(f"person_id = {ME}"),
            Right("INSERT", f"person_id = {ME}"),
            Right("UPDATE", f"person_id = {ME}"),
        ),
    ),
    Table("service_token", intake=READ),
    # Provisioning works as kcc itself does: nobody is signed in, and it writes what rights follow from.
    Table("scim_account"),
    Table("scim_group"),
    Table("scim_member"),
)
"""Who works here; from these rights follow, so that only administrators write them."""

REST = (
    Table("line", web=_kept_by_administrators(), intake=READ),
    Table("line_change", web=_kept_by_administrators(), intake=READ),
    Table("clock_seen", web=_kept_by_administrators(), intake=CHANGE, figures=READ),
    Table("caller_day", intake=CHANGE),
    # Without anything personal (RET-8): whose call it was, the log tells whom it may.
    Table(
        "tombstone",
        web=(_read(columns="recording_id, erased_at"),),
        intake=READ,
        figures="SELECT (recording_id)",
    ),
    Table("erasure_attempt", figures="SELECT (recording_id)"),
    Table("volume_seen", intake=ADD),
    Table("webhook_delivery", intake=ALL),
    Table("intake_count", intake=CHANGE, figures=READ),
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
    Table("job_run", figures=READ),
    Table("budget", gate=ALL),
    Table("browser_report", gate=CHANGE, figures=READ),
    Table(
        "watch_event",
        # Who read unusually much is the officer's to know; the status page only counts.
        web=(_read(OFFICER), Right("UPDATE", OFFICER, "settled_at, settled_by")),
        figures="SELECT (id, noticed_at, settled_at)",
    ),
    Table("watch_look"),
    Table("alarm", figures=ALL),
)
"""What is about nobody, or only for kcc itself."""

TABLES = (*PROTECTED, *COACHING, *SHARED_CALLS, *AUDIT, *PEOPLE, *REST)
