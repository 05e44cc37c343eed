"""What the pages of conversations say and send: standings in words, posted fields, and differences."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from flask import request
from flask_babel import gettext

from kcc import clock
from kcc.coaching.conversation import reading, rules, texts
from kcc.coaching.conversation.differing import Piece, pieces
from kcc.coaching.conversation.paper import pdf
from kcc.coaching.conversation.reading import Talk
from kcc.coaching.conversation.rules import Side, Standing
from kcc.coaching.conversation.texts import Together, Whole
from kcc.errors import N_, Invalid

STANDINGS = {
    Standing.NONE: (N_("no conversation yet"), "default"),
    Standing.PROPOSED: (N_("moment proposed"), "info"),
    Standing.ANOTHER: (N_("another moment asked"), "info"),
    Standing.AGREED: (N_("conversation agreed"), "info"),
    Standing.HELD: (N_("to be written and signed"), "info"),
    Standing.CHANGED: (N_("changed, to be signed again"), "warning"),
    Standing.SIGNED_BY_EMPLOYEE: (N_("signed by the employee"), "info"),
    Standing.SIGNED_BY_COACH: (N_("signed by the coach"), "info"),
    Standing.SIGNED: (N_("signed by both"), "success"),
}
"""A standing in the few words of a list, and the kind of its mark."""
_BOTH_WRITE = N_("Write together what you concluded and agreed. When both views are there, you both sign.")
_AGAIN = N_("The text was changed after you both had signed. Read what changed, and sign again if you agree.")
_SIGNED = N_("You have both signed this report.")
_AGREED = N_("The conversation is agreed. Afterwards you write down together what came of it.")
STEPS = {
    (Standing.NONE, Side.EMPLOYEE): N_(
        "%(name)s proposes a moment for the conversation. You are told of it."
    ),
    (Standing.NONE, Side.COACH): N_("Propose a moment for the conversation to %(name)s."),
    (Standing.PROPOSED, Side.EMPLOYEE): N_("Choose one of the moments, or ask for another."),
    (Standing.PROPOSED, Side.COACH): N_("%(name)s chooses a moment, or asks for another."),
    (Standing.ANOTHER, Side.EMPLOYEE): N_("You asked for another moment. %(name)s proposes one."),
    (Standing.ANOTHER, Side.COACH): N_("%(name)s asks for another moment. Propose one."),
    (Standing.AGREED, Side.EMPLOYEE): _AGREED,
    (Standing.AGREED, Side.COACH): _AGREED,
    (Standing.HELD, Side.EMPLOYEE): _BOTH_WRITE,
    (Standing.HELD, Side.COACH): _BOTH_WRITE,
    (Standing.CHANGED, Side.EMPLOYEE): _AGAIN,
    (Standing.CHANGED, Side.COACH): _AGAIN,
    (Standing.SIGNED_BY_EMPLOYEE, Side.EMPLOYEE): N_("You have signed. Now %(name)s reads it, and signs."),
    (Standing.SIGNED_BY_EMPLOYEE, Side.COACH): N_("%(name)s has signed. Read it, and sign if you agree."),
    (Standing.SIGNED_BY_COACH, Side.EMPLOYEE): N_("%(name)s has signed. Read it, and sign if you agree."),
    (Standing.SIGNED_BY_COACH, Side.COACH): N_("You have signed. Now %(name)s reads it, and signs."),
    (Standing.SIGNED, Side.EMPLOYEE): _SIGNED,
    (Standing.SIGNED, Side.COACH): _SIGNED,
}
"""What is next, for whom; %(name)s is the other."""
LACKING = {
    "employee_view": N_("the view of the employee, shared"),
    "coach_view": N_("the view of the coach, shared"),
    "conclusions": N_("conclusions"),
    "agreements": N_("agreements"),
}
PARTS = {
    "employee_view": N_("View of the employee"),
    "coach_view": N_("View of the coach"),
    "conclusions": N_("Conclusions"),
    "agreements": N_("Agreements"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One part of a text that became another: its name and the runs of words."""

    name: str
    runs: list[Piece]


def words(standing: Standing) -> str:
    """A standing in a few words."""
    return str(gettext(STANDINGS[standing][0]))


def step(talk: Talk, names: Mapping[str, str]) -> str:
    """What is next in a conversation, said to its reader."""
    other = talk.coach_id if talk.side is Side.EMPLOYEE else talk.employee_id
    name = names.get(other or "", gettext("your coach"))
    return str(gettext(STEPS[talk.standing, talk.side], name=name))


def context(talk: Talk, names: Mapping[str, str]) -> dict[str, Any]:
    """What every page about a conversation needs to speak of it."""
    text = talk.whole.text
    return {
        "talk": talk,
        "names": names,
        "step": step(talk, names),
        "standing": (words(talk.standing), STANDINGS[talk.standing][1]),
        "text": reading.suggested(talk.whole) if talk.suggested else text,
        "lacking": [gettext(LACKING[name]) for name in talk.lacking],
        "point_numbers": texts.POINTS,
        "limits": {"view": texts.LONGEST_VIEW, "text": texts.LONGEST_TEXT, "point": texts.LONGEST_POINT},
        "minutes": (rules.SHORTEST, rules.LONGEST),
        "can_take": pdf.available(),
        "changes": changes(talk.before.text, talk.whole, talk) if talk.before else [],
    }


def changes(before: Whole, now: Whole, talk: Talk) -> list[Change]:
    """What differs between two texts, part by part, in words."""
    was, is_ = _parts(before, talk), _parts(now, talk)
    return [
        Change(name, pieces(was.get(name, ""), is_.get(name, "")))
        for name in dict.fromkeys([*was, *is_])
        if was.get(name, "") != is_.get(name, "")
    ]


def _parts(whole: Whole, talk: Talk) -> dict[str, str]:
    text, said = whole.text, {"employee_view": whole.employee_view, "coach_view": whole.coach_view}
    said |= {"conclusions": text.conclusions, "agreements": text.agreements}
    named = {gettext(PARTS[name]): words for name, words in said.items()}
    for number in texts.POINTS:
        named[gettext("Point %(number)s", number=number)] = text.points.get(number, "")
    for point in talk.earlier:
        state = gettext("closed") if point.id in text.closed else gettext("stays open")
        named[gettext("Earlier point: %(point)s", point=point.text)] = state
    return named


# --- what is posted ---


def revision() -> int:
    """The revision on which a form was filled in."""
    try:
        return int(request.form.get("revision", ""))
    except ValueError:
        raise Invalid("revision", N_("This page is not complete. Reload it and try again.")) from None


def options(posted: Mapping[str, str]) -> list[datetime]:
    """The moments that a coach proposes; Invalid for a day without a time, or what is neither."""
    return list(_options(posted))


def _options(posted: Mapping[str, str]) -> Iterable[datetime]:
    for number in range(1, rules.MOST_OPTIONS + 1):
        day, at = posted.get(f"option-{number}", "").strip(), posted.get(f"time-{number}", "").strip()
        if not (day or at):
            continue
        try:
            yield datetime.combine(date.fromisoformat(day), time.fromisoformat(at), tzinfo=clock.LOCAL)
        except ValueError:
            sentence = N_("Fill in a day and a time, for example 24-11-2026 and 14:05.")
            raise Invalid(f"option-{number}", sentence) from None


def minutes(posted: Mapping[str, str]) -> int:
    """How long a conversation takes."""
    try:
        return int(posted.get("minutes", ""))
    except ValueError:
        sentence = N_("Set aside %(least)s to %(most)s minutes.")
        raise Invalid("minutes", sentence, least=rules.SHORTEST, most=rules.LONGEST) from None


def moment(posted: Mapping[str, str]) -> datetime:
    """The moment that an employee accepts, as our own form carries it."""
    try:
        return datetime.fromisoformat(posted.get("moment", "")).astimezone(clock.LOCAL)
    except (ValueError, OverflowError):
        raise Invalid("moment", N_("Choose one of the moments.")) from None


def typed(posted: Mapping[str, str], closed: Iterable[str]) -> Together:
    """What somebody typed, as it was, to show it again."""
    points = {number: posted.get(f"point-{number}", "") for number in texts.POINTS}
    return Together(posted.get("conclusions", ""), posted.get("agreements", ""), points, frozenset(closed))
