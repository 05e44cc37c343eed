"""Every sentence that a person can meet has Dutch words, with the same places for names and numbers."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
PO = ROOT / "kcc/web/translations/nl/LC_MESSAGES/messages.po"
PLACE = re.compile(r"%\(\w+\)[a-z]|%%|\{\w+\}")

Msgid = tuple[str, ...]


def said() -> Iterator[tuple[str, Msgid]]:
    """(where, sentence in the singular and perhaps the plural) of everything marked in code and templates."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    keywords = {**DEFAULT_KEYWORDS, "N_": None}
    for name, line, message, _, _ in extract_from_dir(
        ROOT, methods, options, keywords, directory_filter=_ours
    ):
        texts = (message,) if isinstance(message, str) else tuple(part for part in message if part)
        yield f"{name}:{line}", texts


def _ours(folder: str | Path) -> bool:
    path = Path(folder).relative_to(ROOT)
    return path.parts[:1] in ((), ("kcc",)) and "assets" not in path.parts


def dutch() -> dict[str, Message]:
    """The translations, by their sentence in the singular."""
    with PO.open("rb") as file:
        return {
            _texts(found.id)[0]: found for found in read_po(file, locale="nl", abort_invalid=True) if found.id
        }


def _texts(value: object) -> Msgid:
    return tuple(str(part) for part in value) if isinstance(value, list | tuple) else (str(value),)


@pytest.fixture(scope="module")
def sentences() -> list[tuple[str, Msgid]]:
    found = list(said())
    assert len(found) > 300, "the extraction found next to nothing: is babel.cfg still right?"
    return found


def test_every_sentence_is_there_in_dutch(sentences: list[tuple[str, Msgid]]) -> None:
    words = dutch()
    missing = [
        f"{where}: {texts[0]}"
        for where, texts in sentences
        if texts[0] not in words or words[texts[0]].fuzzy or not all(_texts(words[texts[0]].string))
    ]
    assert missing == []


def test_a_sentence_with_a_plural_has_a_dutch_plural(sentences: list[tuple[str, Msgid]]) -> None:
    words = dutch()
    wrong = [
        f"{where}: {texts}"
        for where, texts in sentences
        if len(texts) == 2 and texts[0] in words and len(_texts(words[texts[0]].string)) != 2
    ]
    assert wrong == []


def test_names_and_numbers_stand_in_both_languages() -> None:
    different = [
        (english, translated)
        for found in dutch().values()
        for english, translated in zip(_texts(found.id), _texts(found.string), strict=True)
        if sorted(PLACE.findall(english)) != sorted(PLACE.findall(translated))
    ]
    assert different == []


def test_no_sentence_stands_in_the_catalogue_twice() -> None:
    # gettext would silently take one of the two.
    ids = re.findall(r'^msgid ("(?!")[^\n]+)$', PO.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted({id_ for id_ in ids if ids.count(id_) > 1}) == []
