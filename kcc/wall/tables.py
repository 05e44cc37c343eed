# ruff: noqa: S608 - conditions made of constants
"""Every table of the schema, and who reaches what in it through the database; a table that does not stand
here is closed to every role but its owner, and the habits' test asks for it.

The conditions are the policy's (kcc.access.policy) in SQL; tests/wall holds both together over a whole world.
"""

from kcc.wall.cases import CASE_CALLS, CASES, TOLD
from kcc.wall.coaching import COACHING
from kcc.wall.listening_together import TOGETHER
from kcc.wall.rights import ADD, ALL, CHANGE, READ, Right, Table
from kcc.wall.shared_calls import SHARED_CALLS
from kcc.wall.who import ADMINISTRATOR, EMPLOYEE, KNOWN, ME, NOW, OFFICER, OVERSEER
from kcc.wall.who import kept_by_administrators as _kept_by_administrators
from kcc.wall.who import read as _read

_MINE = f"{EMPLOYEE} AND employee_id = {ME} AND due_at > {NOW}"
_KNOWN = f"{EMPLOYEE} AND employee_id = {ME} AND greatest(shown_until, due_at) > {NOW}"
_LISTED = f"({_KNOWN} AND state IN ('live', 'sealed'))"
_AUDIBLE = f"({_MINE} AND state = 'live')"
_SIX_MONTHS = "interval '6 months 2 days'"
_FLAGGED = f"({_AUDIBLE} AND sample_barred AND due_at <= started_at + {_SIX_MONTHS})"
"""All that an employee's own report of a threat does to their call (RET-2); months are not equally long."""
_DRAWN = "id = ANY ((SELECT kcc_wall.drawn())::varchar[])"
_TOGETHER = "id = ANY ((SELECT kcc_wall.together())::varchar[])"
_SHARED = "id = ANY ((SELECT kcc_wall.shared())::varchar[])"
_OF_MY_CALL = (
    "EXISTS (SELECT 1 FROM recording AS call WHERE call.id = recording_id"
    f" AND call.employee_id = {ME} AND {EMPLOYEE})"
)
_OF_MY_HOLD = "EXISTS (SELECT 1 FROM hold WHERE hold.id = hold_id)"
_TO_VERIFY = "recording_id = ANY ((SELECT kcc_wall.together())::varchar[])"
_DISCLOSED = "id = ANY ((SELECT kcc_wall.disclosed())::varchar[])"
_OPINED = "id = ANY ((SELECT kcc_wall.opined())::varchar[])"
_IN_A_CASE = f"id = ANY {CASE_CALLS}"

_ALL_BUT_THE_DIGEST = (
    "id, person_id, created_at, seen_at, ended_at, ended_why, proved_at, way, browser, system, posts_digest"
)


PROTECTED = (
    Table(
        "recording",
        web=(
            _read(" OR ".join((_LISTED, _DRAWN, _OPINED, _SHARED, _TOGETHER, _DISCLOSED, _IN_A_CASE))),
            Right("UPDATE", _AUDIBLE, "due_at, due_rule, sample_barred", _FLAGGED),
        ),
        intake=CHANGE,
        figures="SELECT (state, reason, line, started_at, due_at, kept_until)",
        wall=READ,
    ),
    Table(
        "hold",
        web=(
            _read(f"kind <> 'case' AND {_OF_MY_CALL}"),
            Right("INSERT", f"kind <> 'case' AND placed_by = {ME} AND {_OF_MY_CALL}"),
        ),
        figures="SELECT (id, recording_id, lifted_at, until)",
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
            _read(f"person_id = {ME} OR (NOT untold AND {_OF_MY_CALL})"),
            Right(
                "INSERT",
                f"person_id = {ME} AND session_id = (SELECT kcc_wall.session())"
                " AND EXISTS (SELECT 1 FROM recording AS call WHERE call.id = recording_id)",
            ),
            Right("UPDATE", f"person_id = {ME}", "closed_at, fetched"),
        ),
    ),
    Table(
        "incident",
        # Reporting, deciding and keeping are written in kcc's own role, once the policy permitted the verb.
        web=(_read(f"(employee_id = {ME} AND {_OF_MY_CALL}) OR {_TO_VERIFY}"),),
    ),
    Table("incident_call", web=(_read(f"{_OF_MY_CALL} OR {_TO_VERIFY}"),)),
    # The register is written by kcc itself, once the policy permitted it to the officer.
    Table("disclosure_entry", web=(_read(OFFICER),), wall=READ),
    # So is this; the team lead reaches no recording, only what the copy's verb gives them.
    Table("police_copy"),
    Table("incident_measure"),
    Table("incident_extension"),
    Table("threat_tally"),
    Table(
        "audit_line",
        web=(
            _read(
                f"about_id = {ME} OR actor_id = {ME} OR subject = 'person:' || {ME} OR {OFFICER}"
                f" OR subject = ANY {TOLD}"
            ),
        ),
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

TABLES = (*PROTECTED, *COACHING, *SHARED_CALLS, *TOGETHER, *CASES, *AUDIT, *PEOPLE, *REST)
