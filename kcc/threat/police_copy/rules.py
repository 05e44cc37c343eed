"""What a package for the police says, in its fixed order; pure: facts in, words out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kcc.errors import N_, Invalid
from kcc.recordings.sound import Encoding

LONGEST_WHY = 1000
SUFFIXES = {
    Encoding.GSM: "gsm",
    Encoding.G722: "g722",
    Encoding.MP3: "mp3",
    Encoding.OGG: "ogg",
    Encoding.MATROSKA: "mka",
    Encoding.FLAC: "flac",
    Encoding.MP4: "m4a",
    Encoding.AMR: "amr",
}
"""Endings of recorded files; every other form is a WAV file."""
READ_ME = """\
Dit pakket is een kopie van een opgenomen gesprek, voor de politie.
heard.wav      het gesprek zoals het te horen was
{original:<14} het bestand zoals de opnameapparatuur het heeft geleverd
manifest.json  wie het heeft meegenomen, wanneer, waarom, wie het besloot, en van elk bestand SHA-256
manifest.sig   de handtekening (Ed25519) onder manifest.json
Controleren: kcc package verify BESTAND --key SLEUTEL. De sleutel geeft de organisatie u apart.

This package is a copy of a recorded call, for the police. Check it with: kcc package verify FILE --key KEY.
The organisation gives you the key separately.
"""


@dataclass(frozen=True, slots=True)
class Decision:
    """What employee and team lead decided on together: a report to the police (THR-2)."""

    reference: str
    employee: str
    lead: str
    decided_at: datetime

    def to_text(self) -> str:
        """As it is kept, under the recording's key."""
        return json.dumps(
            [self.reference, self.employee, self.lead, self.decided_at.isoformat()], ensure_ascii=False
        )

    @classmethod
    def of_text(cls, text: str) -> "Decision":
        """As it was kept."""
        reference, employee, lead, decided_at = json.loads(text)
        return cls(reference, employee, lead, datetime.fromisoformat(decided_at))


@dataclass(frozen=True, slots=True)
class TakenOut:
    """Who takes a package out, as what, when, and why."""

    by: str
    function: str
    at: datetime
    why: str


def told(number: str, taken: TakenOut, decision: Decision, call: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest's words, without its parts: what it is, the call, who took it out, on whose decision."""
    return {
        "package": number,
        "purpose": "threat: report to the police (THR-5)",
        "call": dict(call),
        "taken_out": {
            "by": taken.by,
            "function": taken.function,
            "at": taken.at.isoformat(),
            "why": taken.why,
        },
        "decision": {
            "reference": decision.reference,
            "by": [
                {"name": name, "function": function}
                for name, function in ((decision.employee, "employee"), (decision.lead, "team_lead"))
                if name
            ],
            "at": decision.decided_at.isoformat(),
        },
    }


def original_name(encoding: Encoding) -> str:
    """The name of the original in the package."""
    return f"original.{SUFFIXES.get(encoding, 'wav')}"


def why(text: str) -> str:
    """Why a copy is made, as it is kept, or Invalid."""
    text = text.strip()
    if not text:
        raise Invalid("why", N_("Write why the police get this copy."))
    if len(text) > LONGEST_WHY:
        raise Invalid("why", N_("Keep it under %(count)s characters."), count=LONGEST_WHY)
    return text
