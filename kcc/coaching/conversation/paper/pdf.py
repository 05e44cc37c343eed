"""A report on paper: a tagged PDF (PDF/UA-1) made in memory, stored nowhere; what stands in it says forms.

typst gets our own template as bytes and the words as JSON beside it, needs no folder, writes no file and
reads no font but its own. Without the extra `pdf` there is none.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from importlib.util import find_spec

from kcc import clock
from kcc.errors import N_, NotFound

CONTENT_TYPE = "application/pdf"
REGIONS = {"nl": "NL", "en": "GB"}


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph ("text"), a remark ("quote"), or a numbered list ("list")."""

    kind: str
    words: str = ""
    items: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, which is a bookmark too, and what stands under it."""

    level: int
    heading: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Letter:
    """All words of a report, in one language."""

    language: str
    title: str
    author: str
    lead: str
    footer: str
    sections: Sequence[Section]


def available() -> bool:
    """Whether this installation can make PDFs."""
    return find_spec("typst") is not None


def make(letter: Letter) -> bytes:
    """The bytes of a PDF of a letter; NotFound where nothing can make one."""
    if not available():
        raise NotFound(N_("This installation makes no PDFs."))
    import typst  # the extra `pdf`: only here, so that all else works without it

    template = files("kcc.coaching.conversation.paper").joinpath("report.typ").read_bytes()
    data = json.dumps(asdict(letter) | {"region": REGIONS.get(letter.language, "NL")}, ensure_ascii=False)
    return typst.compile(
        template,
        sys_inputs={"data": data},
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
        timestamp=int(clock.now().timestamp()),
    )
