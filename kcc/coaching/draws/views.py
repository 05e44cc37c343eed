"""The pages of draws: an employee's own ones with their proofs and phrase, and all of them for whoever
oversees, without names.
"""

import json
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kcc import clock
from kcc.access.actions import Action
from kcc.coaching.draws import forms, overview, phrases, proofs, queries, verify
from kcc.coaching.draws.proofs import Proof
from kcc.errors import Invalid
from kcc.web.i18n import sentence
from kcc.web.identity import actor, seeing, stores
from kcc.web.pages import render
from kcc.web.routes import needs
from kcc.web.streaming import attached

bp = Blueprint("draws", __name__)


@bp.get("/my-draws")
@needs(Action.DRAW_LIST)
def own() -> ResponseReturnValue:
    """The draws of one's own calls, newest first, each with kcc's own verdict of this moment."""
    keys, before = stores().keys, forms.before()
    with stores().database.write() as session, seeing(session) as seen:
        permit, rows, older = overview.own(session, seen, keys, actor(), before)
        chosen = phrases.peek(session, keys, actor())
    return render(
        "coaching/draws/own.html",
        permit.reason,
        rows=rows,
        paged=before is not None,
        older_url=url_for("draws.own", before=older) if older else None,
        phrase=chosen.text,
        **_words(),
    )


@bp.get("/my-draws/<proof_id>")
@needs(Action.DRAW_READ)
def show(proof_id: str) -> ResponseReturnValue:
    """One draw of one's own calls: what was drawn, that it was fair, and how to see that for oneself."""
    with stores().database.write() as session, seeing(session) as seen:
        permit, (draw, month), proof = overview.own_proof(session, seen, stores().keys, actor(), proof_id)
        tickets = verify.tickets(proof)
        started = queries.started(session, actor().person_id, [id_ for _, id_ in tickets], clock.now())
        size, drawn_at = draw.pool_size, draw.drawn_at
    return render(
        "coaching/draws/show.html",
        permit.reason,
        proof=proof,
        proof_id=proof_id,
        month=month,
        size=size,
        drawn_at=drawn_at,
        report=proofs.judge(proof),
        lots=forms.lots(proof, tickets, started),
        file=_name(proof),
        **_words(),
    )


@bp.get("/my-draws/<proof_id>/proof")
@needs(Action.DRAW_READ)
def proof(proof_id: str) -> ResponseReturnValue:
    """The whole proof of a draw of one's own calls, to take along."""
    with stores().database.write() as session, seeing(session) as seen:
        _, _, made = overview.own_proof(session, seen, stores().keys, actor(), proof_id, "proof")
    return _file(made)


@bp.get("/my-draws/phrase")
@needs(Action.DRAW_PHRASE)
def phrase_form() -> ResponseReturnValue:
    """One's own phrase, and what it is for."""
    with stores().database.write() as session:
        permit, chosen = phrases.current(session, stores().keys, actor())
    return _phrase_page(permit.reason, chosen.text)


@bp.post("/my-draws/phrase")
@needs(Action.DRAW_PHRASE)
def phrase() -> ResponseReturnValue:
    """Set one's own phrase for the draws from now on, or take it away."""
    typed = request.form.get("phrase", "")
    try:
        with stores().database.write() as session:
            phrases.choose(session, stores().keys, actor(), typed)
    except Invalid as fault:
        return _phrase_page(phrases.why(actor()), typed, sentence(fault)), 422
    flash(
        gettext("Your phrase is set. It goes into every draw from now on.")
        if typed.strip()
        else gettext("You have no phrase now. Draws from now on are made without one.")
    )
    return redirect(url_for("draws.own"), 303)


@bp.get("/draws")
@needs(Action.DRAWS_OVERSEE)
def everybodys() -> ResponseReturnValue:
    """All draws of the centre without names, each with kcc's verdict; a gap in the numbers is shown."""
    before = forms.before()
    with stores().database.write() as session, seeing(session) as seen:
        page = overview.everybodys(session, seen, stores().keys, actor(), before)
    return render(
        "coaching/draws/all.html",
        page.permit.reason,
        page=page,
        paged=before is not None,
        older_url=url_for("draws.everybodys", before=page.older) if page.older else None,
        at_least=overview.AT_LEAST,
        **_words(),
    )


@bp.get("/draws/<proof_id>/proof")
@needs(Action.DRAWS_OVERSEE)
def bare_proof(proof_id: str) -> ResponseReturnValue:
    """The proof of any draw, without what could lead to its employee."""
    with stores().database.write() as session, seeing(session) as seen:
        made = overview.bare_proof(session, seen, stores().keys, actor(), proof_id)
    return _file(made)


def _phrase_page(why: str, typed: str, fault: str | None = None) -> str:
    return render(
        "coaching/draws/phrase.html",
        why,
        typed=typed,
        fault=fault,
        longest=phrases.LONGEST,
        errors=[("phrase", fault)] if fault else None,
    )


def _file(made: Proof) -> Response:
    text = json.dumps(made, ensure_ascii=False, indent=1)
    return Response(text, mimetype="application/json", headers=attached(_name(made)))


def _name(made: Proof) -> str:
    return f"draw-{made['number']}.json"


def _words() -> dict[str, Any]:
    return {"month_name": forms.month_name, "verdict": forms.verdict}
