"""What the pages of consent, calibration and training send and say: days, words for states and purposes."""

from collections.abc import Mapping
from datetime import date

from flask import request, url_for
from sqlalchemy.orm import Session

from kcc.access.facts import Consent
from kcc.access.purposes import Purpose
from kcc.errors import N_, Invalid
from kcc.recordings.model import PlaybackLease
from kcc.web.identity import actor

STATES = {
    Consent.NONE: N_("nobody asked"),
    Consent.ASKED: N_("waits for your answer"),
    Consent.GIVEN: N_("you said yes"),
    Consent.REFUSED: N_("you said no"),
    Consent.WITHDRAWN: N_("taken back"),
}
PURPOSES = {Purpose.CALIBRATION: N_("Calibration"), Purpose.TRAINING: N_("Training")}


def day(posted: Mapping[str, str], field: str) -> date | None:
    """A day as a form sends it; None where it is empty, Invalid where it is none."""
    text = posted.get(field, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(field, N_("Write a day like this: 2026-11-03.")) from None


def lease(session: Session, subject: str) -> dict[str, str] | None:
    """The lease that a browser without script carries in the page's address, if it is this session's."""
    lease_id = request.args.get("lease")
    found = session.get(PlaybackLease, lease_id) if lease_id else None
    if found is None or found.subject != subject or found.session_id != actor().session_id:
        return None
    return {"sound_url": url_for("recordings.sound", lease_id=found.id)}
