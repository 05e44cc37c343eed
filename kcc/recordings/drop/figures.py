"""What a look at the drop folders comes to, in numbers, and in the words in which a job's run keeps them."""

import re
from dataclasses import dataclass, field

_NUMBERS = ("taken", "refused", "put_off", "waiting", "kept", "rising")


@dataclass(slots=True)
class Figures:
    """What a round did, and what lies there after it."""

    taken: int = 0
    refused: int = 0
    put_off: int = 0
    """Tried, and to be tried again."""
    waiting: int = 0
    kept: int = 0
    """Refused calls in refused/."""
    rising: int = 0
    """Of these, those of the last 24 hours, in folders where they are too many."""
    faults: list[str] = field(default_factory=list)
    """Codes."""

    def add(self, other: "Figures") -> None:
        """Count another folder's, too."""
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.faults += [fault for fault in other.faults if fault not in self.faults]

    def __str__(self) -> str:
        """About nobody: numbers and codes."""
        numbers = ", ".join(f"{getattr(self, name)} {name.replace('_', ' ')}" for name in _NUMBERS)
        return f"{numbers}; {' '.join(sorted(self.faults))}" if self.faults else numbers


def parse(text: str) -> dict[str, int]:
    """The numbers of such a text; nothing from any other."""
    pattern = ", ".join(rf"(\d+) {name.replace('_', ' ')}" for name in _NUMBERS)
    found = re.match(pattern, text)
    return dict(zip(_NUMBERS, map(int, found.groups()), strict=True)) if found else {}
