"""A package for the police: made, opened by any ZIP program, and whatever is changed in it is found."""

import base64
import io
import json
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcc.audit.signing import SigningKey
from kcc.threat.police_copy import package, verify
from kcc.threat.police_copy.package import Part

TOLD = {"why": "Aangifte van bedreiging", "decided_by": ["Anna Jansen", "Lead Jansen"]}
ORIGINAL, HEARD = bytes(range(256)) * 40, b"RIFF" + b"sound" * 3_000


def made(folder: Path, *, told: dict[str, object] = TOLD, original: bytes = ORIGINAL) -> bytes:
    key = SigningKey.create(folder / "audit.key")
    parts = [Part("original.wav", "as recorded", lambda: [original]), Part("heard.wav", "as heard", _heard)]
    whole = package.make(key, told, parts)
    content = b"".join(whole.pieces)
    assert len(content) == whole.size
    return content


def _heard() -> Iterator[bytes]:
    for at in range(0, len(HEARD), 999):
        yield HEARD[at : at + 999]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("police")


@pytest.fixture(scope="module")
def whole(folder: Path) -> bytes:
    return made(folder)


def found(content: bytes, key: str | None = None) -> list[str]:
    return verify.check(io.BytesIO(content), key).findings


@pytest.mark.rule("THR-5")
def test_a_package_is_a_zip_that_holds_what_it_says(whole: bytes, folder: Path) -> None:
    """Any ZIP program reads it, the parts are whole, and the same is made again byte by byte."""
    with zipfile.ZipFile(io.BytesIO(whole)) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == ["manifest.json", "manifest.sig", "original.wav", "heard.wav"]
        assert (opened.read("original.wav"), opened.read("heard.wav")) == (ORIGINAL, HEARD)
        told = json.loads(opened.read("manifest.json"))
    assert told["why"] == TOLD["why"]
    report = verify.check(io.BytesIO(whole), told["key"])
    assert report.intact
    assert not report.notices
    assert made(folder) == whole


@pytest.mark.rule("THR-5")
def test_every_changed_byte_is_found(whole: bytes) -> None:
    """Of heads, names, manifest, signature, parts and list: one bit anywhere."""
    marks = [
        whole.index(word) for word in (b"manifest.sig", b"original.wav", b"heard.wav", b"PK\1\2", b"PK\5\6")
    ]
    near = {at + step for at in marks for step in range(-64, 64)} | set(range(0, len(whole), 37))
    for at in sorted(one for one in near if 0 <= one < len(whole)):
        changed = bytearray(whole)
        changed[at] ^= 1 << at % 8
        assert found(bytes(changed)), at


@pytest.mark.rule("THR-5")
@given(st.data())
@settings(max_examples=80, deadline=None)
def test_cut_added_and_moved_bytes_are_found(whole: bytes, data: st.DataObject) -> None:
    """Whatever is cut out, put in or swapped."""
    at = data.draw(st.integers(0, len(whole) - 1))
    size = data.draw(st.integers(1, 400))
    more = data.draw(st.binary(min_size=1, max_size=60))
    for changed in (
        whole[:at],
        whole[:at] + whole[at + size :],
        whole[:at] + more + whole[at:],
        whole + more,
    ):
        assert changed == whole or found(changed)


@pytest.mark.rule("THR-5")
def test_a_part_from_another_package_is_found(whole: bytes, folder: Path) -> None:
    """Two real packages, and the parts of one under the manifest of the other."""
    other = made(folder, original=ORIGINAL[::-1])
    at = whole.index(b"original.wav", whole.index(b"manifest.sig") + 50) - 30
    assert found(other) == []
    mixed = found(whole[:at] + other[-(len(whole) - at) :])
    assert any("original.wav was changed" in one for one in mixed)


@pytest.mark.rule("THR-5")
def test_a_package_signed_by_somebody_else_is_found(tmp_path: Path, whole: bytes) -> None:
    """Whole in itself, but not the organisation's: only its key tells."""
    forged = made(tmp_path, told={"why": "another story"})
    known = verify.check(io.BytesIO(whole)).manifest["key"]
    assert found(forged) == []
    assert found(forged, known) == ["the package is signed with another key than the one you know"]
    assert verify.check(io.BytesIO(forged)).notices


def test_nonsense_is_no_package_and_raises_nothing() -> None:
    """Nothing, noise, another ZIP, a manifest that lies about itself."""
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as written:
        written.writestr("manifest.json", "{}")
    for content in (
        b"",
        b"PK",
        bytes(5_000),
        other.getvalue(),
        struct.pack("<4s5H3I2H", b"PK\3\4", *[9] * 10),
    ):
        assert found(content)


def test_the_command_tells_it_without_a_database(whole: bytes, tmp_path: Path) -> None:
    """`kcc package verify`, and verify.py alone."""
    file = tmp_path / "call.zip"
    file.write_bytes(whole)
    key = tmp_path / "key"
    key.write_text(verify.check(io.BytesIO(whole)).manifest["key"] + "\n")
    alone = [sys.executable, "-I", str(Path(verify.__file__).resolve()), str(file), "--key", str(key)]
    told = subprocess.run(alone, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert told.returncode == 0, told.stderr
    assert "Aangifte van bedreiging" in told.stdout
    file.write_bytes(whole[:-1] + b"!")
    wrong = subprocess.run(alone, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert wrong.returncode == 1
    assert "NOT INTACT" in wrong.stdout
    assert base64.b64decode(key.read_text())
