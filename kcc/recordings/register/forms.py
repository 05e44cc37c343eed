"""The form of a line as typed: read strictly, what is wrong beside its field; no database."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext

from kcc.errors import Invalid
from kcc.recordings.register import changing
from kcc.recordings.register.changing import LineValues
from kcc.recordings.register.words import KINDS
from kcc.recordings.rules import LineKind
from kcc.web.i18n import sentence

_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")


@dataclass(slots=True)
class LineForm:
    """What somebody typed about a line; `revision` is the one that they looked at."""

    code: str = ""
    name: str = ""
    kind: str = ""
    welcome_text_since: str = ""
    reason: str = ""
    revision: int = 0
    understood: str = ""
    errors: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "LineForm":
        """What was typed."""
        # Browsers send every line's end as two characters; the limit is on what was typed.
        reason = form.get("reason", "").replace("\r\n", "\n")
        revision = form.get("revision", "")
        number = int(revision) if re.fullmatch("[0-9]{1,6}", revision, re.ASCII) else 0
        return cls(
            code=form.get("code", "").strip(),
            name=form.get("name", "").strip(),
            kind=form.get("kind", ""),
            welcome_text_since=form.get("welcome_text_since", "").strip(),
            reason=reason,
            revision=number,
            understood=form.get("understood", ""),
        )

    @classmethod
    def of(cls, code: str, values: LineValues, revision: int) -> "LineForm":
        """What the register says now, to be changed."""
        since = values.welcome_text_since
        return cls(code, values.name, values.kind.value, since.isoformat() if since else "", "", revision)

    @property
    def chosen(self) -> str:
        """What the warnings were about: other choices are warned about anew."""
        return f"{self.kind} {self.welcome_text_since}"

    def values(self) -> LineValues | None:
        """What was typed, as values; None when kind or day cannot be read.

        All that is wrong is added to `errors`, in the order of the fields.
        """
        self._checked(changing.check_code, self.code)
        self._checked(changing.check_name, self.name)
        kind = LineKind(self.kind) if self.kind in set(LineKind) else None
        if kind is None:
            self.errors.append(("kind", gettext("Choose a kind from the list.")))
        since = self._day()
        self._checked(changing.checked_reason, self.reason)
        if kind is None or (since is None and self.welcome_text_since):
            return None
        return LineValues(self.name, kind, since)

    def _checked(self, check: Callable[[str], object], text: str) -> None:
        try:
            check(text)
        except Invalid as fault:
            self.errors.append((fault.field, sentence(fault)))

    def _day(self) -> date | None:
        if not self.welcome_text_since:
            return None
        try:
            found = date.fromisoformat(self.welcome_text_since)
        except ValueError:
            found = None
        if found is not None and not _DAY.fullmatch(self.welcome_text_since):
            found = None
        if found is None:
            message = gettext("Write the day as year-month-day, such as 2026-11-03.")
            self.errors.append(("welcome_text_since", message))
        return found


def kind_word(kind: str) -> str:
    """A kind of line in the language of the request."""
    return str(gettext(KINDS[LineKind(kind)][0]))


def kind_choices() -> list[tuple[str, str]]:
    """The kinds to choose from, none chosen first."""
    return [("", gettext("Choose")), *((kind.value, kind_word(kind)) for kind in KINDS)]
