"""The pages of whoever oversees the audit: the data protection officer's search, what the watch noticed, and
the checkpoints that the works council sees, too.
"""

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actions import Action
from kcc.access.policy import Subject, permit
from kcc.audit import notes, queries, record
from kcc.audit.searching import Key
from kcc.errors import N_, Invalid, NotFound
from kcc.insight import exports, forms, search, watch
from kcc.insight import queries as watched
from kcc.insight.rules import Kind
from kcc.insight.views import in_words
from kcc.wall.rights import Role
from kcc.web.i18n import sentence
from kcc.web.identity import actor, seeing, stores
from kcc.web.pages import render
from kcc.web.routes import needs
from kcc.web.streaming import attached

bp = Blueprint("audit", __name__)


@bp.get("/audit")
@needs(Action.AUDIT_SEARCH)
def start() -> ResponseReturnValue:
    """What was noticed and waits for a judgement, and the form to search with."""
    return _start({})


def _start(
    typed: Mapping[str, str], faults: forms.Faults | None = None, found: list[Any] | None = None
) -> ResponseReturnValue:
    me = actor()
    why = permit(me, Action.AUDIT_SEARCH, Subject("audit")).reason
    with stores().database.write() as session:
        record.act(session, permit(me, Action.AUDIT_SEARCH, Subject("audit")), act="open")
        waiting, settled = _events(session, settled=False), _events(session, settled=True)
    shown = render(
        "insight/audit.html",
        why,
        waiting=waiting,
        settled=settled,
        wanted=typed,
        errors=faults,
        found=found,
        most=search.SHOWN,
        kinds=list(forms.kinds().items()),
        roles=_roles(),
        remark_longest=watch.REMARK_LONGEST,
    )
    return shown, 422 if faults else 200


@bp.post("/audit")
@needs(Action.AUDIT_SEARCH)
def find() -> ResponseReturnValue:
    """Look up who and which call is meant, so that neither name nor number ever stands in an address."""
    typed = {name: forms.typed(request.form, name) for name in forms.SEARCHED}
    faults: forms.Faults = []
    query = forms.query_of({**typed, "person": "", "call": ""}, faults)
    ids, found = {}, None
    with stores().database.read() as session, seeing(session) as seen:
        people = search.people(session, actor(), typed["person"]) if typed["person"] else []
        calls = search.calls(seen, actor(), typed["call"]) if typed["call"] else []
    if typed["person"] and len(people) != 1:
        found = [(person.number, person.name) for person in people[: search.SHOWN]]
        many = gettext("Several people have this in their name. Use one of their numbers.")
        faults.append(
            ("person", many if people else gettext("Nobody has this number or this in their name."))
        )
    if typed["call"] and len(calls) != 1:
        faults.append(("call", gettext("No call is known by this id. It may have been erased.")))
    if faults:
        return _start(typed, faults, found)
    ids = {"person": people[0].id if people else "", "call": calls[0] if calls else ""}
    kept: dict[str, Any] = {name: value for name, value in {**typed, **ids}.items() if value}
    if not query.person_id and not ids["person"]:
        kept.pop("role", None)
    return redirect(url_for("audit.found", **kept), 303)


@bp.get("/audit/found")
@needs(Action.AUDIT_SEARCH)
def found() -> ResponseReturnValue:
    """A page of what a search finds; the search is written down before it answers."""
    faults: forms.Faults = []
    query = forms.query_of(request.args, faults)
    before, after = forms.key_of(request.args, "before"), forms.key_of(request.args, "after")
    if faults:
        raise Invalid(faults[0][0], N_("This link is not complete. Start again at the first page."))
    with stores().database.write() as session, seeing(session) as calls:
        seen = search.look(session, actor(), query, before, after, calls)
        person = search.name_of(session, query.person_id) if query.person_id else None
    return render(
        "insight/found.html",
        seen.permit.reason,
        rows=[in_words(told) for told in seen.rows],
        wanted=request.args,
        person=person,
        role=gettext(forms.ROLE_WORDS[query.role]),
        kind=forms.kinds().get(query.kind),
        searched={name: request.args[name] for name in forms.SEARCHED if request.args.get(name)},
        paged=before is not None or after is not None,
        older_url=_further("before", seen.older),
        newer_url=_further("after", seen.newer),
    )


@bp.post("/audit/found")
@needs(Action.AUDIT_EXPORT, step_up=True)
def take() -> ResponseReturnValue:
    """What a search finds, as a file."""
    faults: forms.Faults = []
    query = forms.query_of(request.form, faults)
    form = request.form.get("form", "")
    if faults or form not in exports.FORMS:
        raise Invalid("form", N_("Choose from the list what you want to see."))
    # What is sent piece by piece is read when the request is over, and nobody's session with it.
    pieces = exports.begin(stores().acting(Role.JOBS), actor(), query, form)
    name = f"audit-search-{clock.today().isoformat()}.{form}"
    return Response(pieces, mimetype=exports.FORMS[form], headers=attached(name))


@bp.post("/audit/proof")
@needs(Action.AUDIT_EXPORT, step_up=True)
def prove() -> ResponseReturnValue:
    """The proof that one line was signed, which `kcc audit verify` checks without the log."""
    number = request.form.get("line", "")
    if not number.isascii() or not number.isdecimal() or len(number) > 18:
        raise NotFound
    told = exports.line(stores(), actor(), int(number))
    name = f"audit-line-{told['position'] + 1}.json"
    return Response(json.dumps(told), mimetype="application/json", headers=attached(name))


@bp.post("/audit/noticed/<event_id>")
@needs(Action.WATCH_SETTLE)
def settle(event_id: str) -> ResponseReturnValue:
    """The officer writes down what they found of something that was noticed."""
    remark = request.form.get("remark", "")
    try:
        with stores().database.write() as session:
            watch.settle(session, actor(), event_id, remark)
    except Invalid as fault:
        return _start({event_id: remark}, [(f"remark-{event_id}", sentence(fault))])
    flash(gettext("It is judged. What you wrote is kept in the log."))
    return redirect(url_for("audit.start"), 303)


@bp.get("/checkpoints")
@needs(Action.CHECKPOINTS_READ)
def checkpoints() -> ResponseReturnValue:
    """The signed checkpoints, newest first, about nobody: with them anybody can check the log."""
    before = request.args.get("before", "")
    if before and (not before.isascii() or not before.isdecimal() or len(before) > 18):
        raise Invalid("before", N_("This link is not complete. Start again at the first page."))
    allowed = permit(actor(), Action.CHECKPOINTS_READ, Subject("audit"))
    with stores().database.write() as session:
        record.act(session, allowed)
        found = queries.checkpoints(session, int(before) if before else None)
        rows = [(one, notes.Note.read(one.note)) for one in found[: queries.CHECKPOINTS]]
        broken = queries.broken_since(session)
    more = len(found) > queries.CHECKPOINTS
    older = url_for("audit.checkpoints", before=rows[-1][0].number) if more else None
    return render(
        "insight/checkpoints.html",
        allowed.reason,
        rows=rows,
        older_url=older,
        paged=bool(before),
        broken=broken,
    )


@bp.get("/checkpoints/<int:number>")
@needs(Action.CHECKPOINTS_READ)
def checkpoint(number: int) -> ResponseReturnValue:
    """One signed checkpoint as it is sent elsewhere, with the proof that it continues the one before."""
    permit(actor(), Action.CHECKPOINTS_READ, Subject("audit"))
    with stores().database.read() as session:
        found = queries.checkpoint(session, number) if number < 2**63 else None
        if found is None:
            raise NotFound
        text = notes.with_proof(found.note, [bytes.fromhex(node) for node in found.proof.split()])
    return Response(text, mimetype="text/plain", headers=attached(f"{number:08}.checkpoint"))


def _events(session: Session, *, settled: bool) -> list[dict[str, Any]]:
    found = watched.events(session, settled=settled)
    names, remarks = watch.names(session, found), watch.remarks(session, found) if settled else {}
    return [
        {
            "event": event,
            "name": names.get(event.actor_id) or gettext("kcc on its own machine"),
            "known": event.actor_id in names,
            "what": gettext(watch.SENTENCES[Kind(event.kind)], count=event.count),
            "remark": remarks.get(event.id),
        }
        for event in found
    ]


def _roles() -> list[tuple[str, str]]:
    return [(role, gettext(words)) for role, words in forms.ROLE_WORDS.items()]


def _further(name: str, key: Key | None) -> str | None:
    query = forms.address_of(request.args, forms.SEARCHED, name, key)
    return url_for("audit.found", **query) if query else None
