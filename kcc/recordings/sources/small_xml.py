"""Reading a small XML document from a stranger: no document type, no entity, nothing from elsewhere, and
limits on size, depth and number; what its elements mean is not known here.
"""

from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from kcc.errors import N_
from kcc.recordings.sources.metadata import MetadataInvalid, unusable

DEPTH = 16
ELEMENTS = 5_000
ATTRIBUTES = 32


@dataclass(slots=True)
class Element:
    """An element; names are in small letters and without prefix, for recorders write both as they like."""

    name: str
    namespace: str
    attributes: dict[str, str]
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def named(self, name: str) -> list["Element"]:
        """The children of that name, in any namespace."""
        return [child for child in self.children if child.name == name]

    def get(self, *names: str) -> str:
        """The first of these attributes that is there and says something, else nothing."""
        return next(
            (self.attributes[name].strip() for name in names if self.attributes.get(name, "").strip()), ""
        )


def parse(data: bytes, limit: int) -> Element:
    """The document's root; raises MetadataInvalid for whatever else these bytes are."""
    if len(data) > limit:
        raise unusable(N_("The metadata is larger than %(limit)s KiB."), limit=limit // 1024)
    building = _Building()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    for handler in ("StartDoctypeDeclHandler", "EntityDeclHandler", "ExternalEntityRefHandler"):
        setattr(parser, handler, _refuse)
    parser.StartElementHandler, parser.EndElementHandler = building.start, building.end
    parser.CharacterDataHandler = building.text
    try:
        parser.Parse(data, True)
    except MetadataInvalid:
        raise
    except (expat.ExpatError, ValueError, LookupError):
        # What the parser says may quote the document, and must reach no log.
        raise unusable(N_("The metadata is not valid XML.")) from None
    if building.root is None:
        raise unusable(N_("The metadata is not valid XML."))
    return building.root


def _refuse(*_: Any) -> None:
    raise unusable(N_("The metadata is XML with a document type or entities, which kcc does not read."))


class _Building:
    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > ELEMENTS or len(self._open) >= DEPTH or len(attributes) > ATTRIBUTES:
            raise unusable(N_("The metadata is nested too deep."))
        namespace, _, local = name.rpartition(" ")
        plain = {key.rpartition(" ")[2].lower(): value for key, value in attributes.items()}
        element = Element(local.lower(), namespace, plain)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def end(self, _name: str) -> None:
        self._open.pop()

    def text(self, data: str) -> None:
        self._open[-1].text += data
