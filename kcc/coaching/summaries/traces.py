"""Finding in a text what could lead back to a particular call (REP-10), each with its reason; pure.

Fixed patterns and nothing learned: whoever is stopped can see at which words, and why (GOV-4). It finds too
much rather than too little; what it cannot know is what only the people in the call would recognise.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

QUOTED = 5
"""So many words in a row as they stand in a report are a quote."""


class Why(StrEnum):
    """What some words could betray."""

    DATE = "date"
    TIME = "time"
    NUMBER = "number"
    TELEPHONE = "telephone"
    QUOTE = "quote"
    ONE_CALL = "one_call"
    SCORE = "score"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Trace:
    """Words of a text, where they begin, and what they could betray."""

    words: str
    start: int
    why: Why


_MONTHS = (
    "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december"
    "|january|february|march|june|july|august|october"
    "|jan|feb|mrt|apr|jun|jul|aug|sep|sept|okt|oct|nov|dec"
)
_NAMED_MONTHS = (
    "januari|februari|april|juni|juli|augustus|september|oktober|november|december"
    "|january|february|june|july|august|october"
)
_DAYS = (
    "maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag"
    "|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
)
_UNITS = "dag|nacht|week|weekend|maand|kwartaal|jaar|day|night|month|quarter|year"
_HOURS = (
    "een|één|twee|drie|vier|vijf|zes|zeven|acht|negen|tien|elf|twaalf"
    "|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
)
_ONE = r"een|één|dit|dat|het|die|deze|a|an|one|this|that|the"
_PLACED = (
    r"eerste|tweede|derde|vierde|vijfde|laatste|vorige|ene|andere|bewuste|betreffende"
    r"|first|second|third|fourth|fifth|last|latest|previous|other"
)

_PATTERNS: tuple[tuple[Why, str], ...] = (
    (Why.DATE, r"\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b"),
    (Why.DATE, r"\b\d{1,2}[-/.]\d{1,2}([-/.](\d{4}|\d{2}))\b|\b\d{1,2}[-/]\d{1,2}\b"),
    (Why.DATE, rf"\b\d{{1,2}}(e|ste|de|st|nd|rd|th)?( of)? ({_MONTHS}|may)\b\.?( \d{{4}})?"),
    (Why.DATE, rf"\b({_MONTHS}|may)\.? \d{{1,2}}(st|nd|rd|th)?\b"),
    (Why.DATE, r"\b(in|begin|half|eind|einde|early|late|mid|since|sinds|until|tot) (mei|maart|may|march)\b"),
    (Why.DATE, rf"\b({_NAMED_MONTHS})\b"),
    (Why.DATE, rf"\b({_DAYS})(en|s|middag|ochtend|avond)?\b"),
    (Why.DATE, r"\b(gisteren|eergisteren|vandaag|vanmorgen|vanmiddag|yesterday|today|this morning)\b"),
    (Why.DATE, rf"\b(vorige|afgelopen|deze|last|past|this) ({_UNITS})\b"),
    (Why.DATE, r"\b(week|kwartaal|quarter|q) ?\d{1,2}\b"),
    (Why.DATE, r"\b(19|20)\d{2}\b"),
    (Why.TIME, r"\b([01]?\d|2[0-3])[:.h][0-5]\d( ?(uur|am|pm|a\.m\.|p\.m\.))?\b"),
    (Why.TIME, r"\b\d{1,2} ?(uur|u|am|pm|a\.m\.|p\.m\.|o'clock)\b"),
    (Why.TIME, rf"\b(half|kwart (voor|over)|(quarter|half) (past|to)) ({_HOURS}|\d{{1,2}})\b"),
    (Why.TIME, rf"\b({_HOURS}) (uur|o'clock)\b"),
    (Why.TELEPHONE, r"(?<!\w)(\+|00)\d{1,3}[ ()./-]*\d([ ()./-]*\d){5,13}\b"),
    (Why.TELEPHONE, r"\b0\d([ ()./-]*\d){7,9}\b"),
    (Why.NUMBER, r"\b\d{5,}\b"),
    (Why.NUMBER, r"\b(?=[0-9a-z-]*\d)(?=[0-9a-z-]*[a-z])[0-9a-z-]*\d[0-9a-z-]*\d[0-9a-z-]*\d[0-9a-z-]*\b"),
    (
        Why.NUMBER,
        r"\b(gesprek|opname|call|recording|verslag|report)(s?nummer| number| no\.?| nr\.?)? ?#?\d+\b",
    ),
    (Why.NUMBER, r"[\w.+-]+@[\w-]+(\.[\w-]+)+"),
    (Why.SCORE, r"\b(item|vraag|question|criterium|criterion)\s*\d+\b"),
    (Why.SCORE, r"\b\d+([.,]\d+)?\s*(%|procent\b|percent\b|punten\b|points\b)"),
    (Why.SCORE, r"\b\d+ ?(van|uit|van de|uit de|of|out of|of the|/) ?\d+\b"),
    (Why.SCORE, r"\b(score|cijfer|rapportcijfer|grade|mark)( of| van| een| a)* \d+([.,]\d+)?\b"),
    (Why.ONE_CALL, rf"\b(({_ONE})\s+)?({_PLACED})\s+(gesprek|telefoontje|telefoongesprek|call)\b"),
    (Why.ONE_CALL, r"\b(één|dit|dat|one|this|that)\s+(gesprek|telefoontje|telefoongesprek|call)\b"),
    (Why.ONE_CALL, r"\b(één keer|eenmaal|één van de gesprekken|one of the calls)\b"),
)
_COMPILED = tuple((why, re.compile(pattern, re.IGNORECASE)) for why, pattern in _PATTERNS)
_NAMED = re.compile(
    r"\b(?i:mevrouw|mevr\.?|mw\.?|meneer|mijnheer|de heer|dhr\.?|familie|fam\.?|mr\.?|mrs\.?|ms\.?|miss)"
    r"((\s+(?i:van|de|der|den|ter|ten|el|al|bin|ben|le|la))*\s+[A-ZÀ-Þ][\w'’-]*)+"
)
_MARKED = re.compile(r"[\"“”„«»‘]([^\"“”„«»‘’\n]{2,300})[\"“”„«»’]")
_WORD = re.compile(r"\w+(?:['’]\w+)*")


def find(text: str, remarks: Collection[str]) -> list[Trace]:
    """What in a text could lead back to a call, in the order of the text; empty where nothing was found.

    `remarks` are the texts of the reports it is about: any five words of theirs in a row are a quote.
    Of what overlaps only the longest is told.
    """
    found = [*_patterns(text), *_names(text), *_marked(text), *_quotes(text, remarks)]
    kept: list[Trace] = []
    for trace in sorted(found, key=lambda one: (-len(one.words), one.start)):
        if not any(_overlap(trace, other) for other in kept):
            kept.append(trace)
    return sorted(kept, key=lambda one: one.start)


def _overlap(one: Trace, other: Trace) -> bool:
    return one.start < other.start + len(other.words) and other.start < one.start + len(one.words)


def _patterns(text: str) -> Iterator[Trace]:
    for why, pattern in _COMPILED:
        for match in pattern.finditer(text):
            yield Trace(match.group(), match.start(), why)


def _names(text: str) -> Iterator[Trace]:
    """A form of address with a name; the form alone is nobody."""
    for match in _NAMED.finditer(text):
        yield Trace(match.group(), match.start(), Why.NAME)


def _marked(text: str) -> Iterator[Trace]:
    """Three or more words between quotation marks: somebody's words."""
    for match in _MARKED.finditer(text):
        if len(_WORD.findall(match.group(1))) >= 3:
            yield Trace(match.group(), match.start(), Why.QUOTE)


def _quotes(text: str, remarks: Collection[str]) -> Iterator[Trace]:
    """Five or more words in a row as they stand in a report, whatever stands between them."""
    known = {
        run for remark in remarks for run in _runs([m.group().casefold() for m in _WORD.finditer(remark)])
    }
    words = list(_WORD.finditer(text))
    runs = list(_runs([match.group().casefold() for match in words]))
    place = 0
    while place < len(runs):
        if runs[place] not in known:
            place += 1
            continue
        last = place
        while last + 1 < len(runs) and runs[last + 1] in known:
            last += 1
        start, end = words[place].start(), words[last + QUOTED - 1].end()
        yield Trace(text[start:end], start, Why.QUOTE)
        place = last + 1


def _runs(words: list[str]) -> Iterator[tuple[str, ...]]:
    for place in range(len(words) - QUOTED + 1):
        yield tuple(words[place : place + QUOTED])
