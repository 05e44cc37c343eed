"""The JSON that a recorder puts beside its sound or in an upload's header; reads, judges no call."""

import json
from pathlib import Path
from typing import Any, NoReturn

from kcc.errors import N_
from kcc.recordings.sources.metadata import CallMetadata, MetadataInvalid, shorten, unusable

FILE_BYTES = 65_536
HEADER_BYTES = 8_192


def path_for(wav: Path) -> Path:
    """Where the sidecar of a sound file lies: call.wav has call.json."""
    return wav.with_suffix(".json")


def parse(data: bytes, known: dict[str, str] | None = None) -> CallMetadata:
    """The metadata in a sidecar file (UTF-8, 64 KiB at most); raises MetadataInvalid. `known` as below."""
    if len(data) > FILE_BYTES:
        raise unusable(N_("The metadata is larger than %(limit)s KiB."), limit=FILE_BYTES // 1024)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise unusable(N_("The metadata is not written in UTF-8.")) from None
    return _read(text, known or {})


def from_header(value: str, known: dict[str, str] | None = None) -> CallMetadata:
    """The metadata in a request header (ASCII-escaped JSON, 8 KiB at most); raises MetadataInvalid.

    What is `known` already, from the URL and the token, may be left out, and must agree where it is given.
    """
    if len(value) > HEADER_BYTES:
        raise unusable(N_("The metadata is larger than %(limit)s KiB."), limit=HEADER_BYTES // 1024)
    if not value.isascii():
        raise unusable(
            N_("A header holds ASCII alone: write other letters as JSON escapes, such as \\u00e9.")
        )
    return _read(value, known or {})


def _read(text: str, known: dict[str, str]) -> CallMetadata:
    try:
        values = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except MetadataInvalid:
        raise
    except RecursionError:
        raise unusable(N_("The metadata is nested too deep.")) from None
    except ValueError:
        raise unusable(N_("The metadata is not valid JSON.")) from None
    if not isinstance(values, dict):
        raise unusable(N_("The metadata is not a JSON object."))
    return CallMetadata.of(known | values, known)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two values for one key: which one is meant is anybody's guess, so neither is taken."""
    values: dict[str, Any] = {}
    for key, value in pairs:
        if key in values:
            raise unusable(N_("The key %(key)s stands there twice."), key=shorten(key))
        values[key] = value
    return values


def _no_number(constant: str) -> NoReturn:
    raise ValueError(constant)
