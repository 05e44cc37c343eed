"""What people write about an incident, sealed under a recording's own key: with that call nobody can read it
any more; who may read it before, its verbs settle.
"""

import json
from collections.abc import Sequence

from kcc.stores import Stores
from kcc.threat.model import Incident, IncidentCall, IncidentExtension, IncidentMeasure
from kcc.threat.rules import Span
from kcc.vault.fields import open_text, seal_text

GONE = b""
"""What stands in place of a text that was taken away before its call: it was withdrawn or settled."""


def account_place(incident: Incident) -> str:
    """Where the word on what happened belongs."""
    return f"incident.account:{incident.id}"


def plan_place(measure: IncidentMeasure) -> str:
    """Where it is said what a measure is."""
    return f"incident_measure.plan:{measure.id}"


def outcome_place(measure: IncidentMeasure) -> str:
    """Where it is said what came of a measure."""
    return f"incident_measure.outcome:{measure.id}"


def reason_place(extension: IncidentExtension) -> str:
    """Where it is said why an incident is kept longer."""
    return f"incident_extension.reason:{extension.id}"


def seal(stores: Stores, incident: Incident, place: str, text: str) -> bytes:
    """A text about an incident under the key of the call that is kept longest of it."""
    return seal_text(stores.keys.get(incident.recording_id), place, text)


def opened(stores: Stores, incident: Incident, place: str, sealed: bytes | None) -> str:
    """What was sealed there; empty when nothing was, or it was taken away. KeyGone with the call."""
    return open_text(stores.keys.get(incident.recording_id), place, sealed) if sealed else ""


def seal_marks(stores: Stores, call: IncidentCall, spans: Sequence[Span]) -> bytes | None:
    """When in a call it happened, under that call's own key; None for no moment."""
    if not spans:
        return None
    return seal_text(stores.keys.get(call.recording_id), _marks_place(call), json.dumps(list(spans)))


def marks_of(stores: Stores, call: IncidentCall) -> list[Span]:
    """When in a call it happened, in milliseconds from and until."""
    if not call.marks:
        return []
    read = json.loads(open_text(stores.keys.get(call.recording_id), _marks_place(call), call.marks))
    return [(int(begins), int(ends)) for begins, ends in read]


def _marks_place(call: IncidentCall) -> str:
    return f"incident_call.marks:{call.incident_id}:{call.recording_id}"
