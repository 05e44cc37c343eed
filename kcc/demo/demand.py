"""The kinds of calls the demo must show, how many of each and what makes each; not when and by whom."""

from dataclasses import dataclass

from kcc.demo import lines


@dataclass(frozen=True)
class Kind:
    """A reason to be in the demo. Seconds are (least, median, most); `line` None: the team's own line.

    `form` is (encoding, channels); None: one of the plain ones, by chance.
    """

    name: str
    count: int
    manner: str = "ordinary"
    seconds: tuple[float, float, float] = (38, 82, 400)
    line: str | None = None
    scope: str = "external"
    nature: str | None = "business"
    when: str = "month"
    form: tuple[str, int] | None = None


ORDINARY = Kind("ordinary", 0)
"""External business calls of 20 seconds and more on a recorded line: what may be drawn (SAM-4)."""
ORDINARY_EACH = 25
"""Ordinary calls per employee; the newcomer of two weeks has fewer."""
ORDINARY_NEWCOMER = 17

KINDS = (
    Kind("long", 8, seconds=(420, 540, 715)),
    Kind("quick", 40, "quick", (21, 26, 34)),
    # As recorders that code their sound leave it; to hear one, kcc makes a form that browsers play.
    Kind("opus", 6, form=("opus", 2)),
    Kind("opus_long", 2, seconds=(420, 540, 715), form=("opus", 2)),
    Kind("mp3", 6, form=("mp3", 1)),
    Kind("amr", 4, form=("amr", 1)),
    Kind("aggressive", 12, "aggressive", (50, 72, 100)),
    Kind("poor", 24, "poor", (38, 52, 75)),
    Kind("too_short", 40, "wrong", (4, 11, 18)),
    Kind("internal", 40, "internal", (22, 38, 60), scope="internal"),
    Kind("network", 24, "network", (30, 48, 70), line=lines.NETWORK, nature="network"),
    Kind("network_on_team_line", 5, "network", (30, 48, 70), nature="network"),
    Kind("private_line", 14, "private", (20, 38, 55), line=lines.PRIVATE, nature="private"),
    Kind("private_on_team_line", 5, "private", (22, 38, 55), nature="private"),
    # Marked as business by the recorder, yet a private chat: the coach finds it "not representative" (SAM-5).
    Kind("not_representative", 12, "private", (25, 38, 55)),
    Kind("nature_unknown", 6, nature="unknown"),
    Kind("nature_missing", 6, nature=None),
    Kind("excluded_line", 6, line=lines.EXCLUDED),
    Kind("direct_number", 8, line=lines.DIRECT),
    Kind("no_welcome_text", 8, line=lines.NO_WELCOME),
    Kind("before_welcome_text", 6, line=lines.LATE_WELCOME, when="before_welcome"),
    Kind("after_welcome_text", 6, line=lines.LATE_WELCOME, when="after_welcome"),
    Kind("unknown_agent", 2),
    Kind("due_soon", 10, when="due_soon"),
    Kind("past_due", 25, when="past_due"),
)
