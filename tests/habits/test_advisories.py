"""tests.habits.advisories: what fails the build, and what does not."""

from pathlib import Path
from typing import Any

import pytest

from tests.habits import advisories

FLAW = {"id": "X-1", "fix_versions": ["2.0"]}


def told(name: str, *flaws: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "version": "1.0", "vulns": list(flaws)}


def answers(monkeypatch: pytest.MonkeyPatch, probe: Any, lock: Any) -> None:
    """What the services say of the weak library, and of the lock."""
    monkeypatch.setattr(advisories, "asked", lambda path, _: lock if path == advisories.LOCK else probe)


@pytest.mark.parametrize(
    "probe", [None, [], [{"name": "jinja2", "skip_reason": "not found"}], [told("jinja2")]]
)
def test_a_service_that_knows_nothing_is_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], probe: Any
) -> None:
    """Away, an index that has no advisories, or one that lost them: said plainly, and the build goes on."""
    answers(monkeypatch, probe, [told("flask", FLAW)])
    assert advisories.main() == 0
    assert "NOT CHECKED" in capsys.readouterr().out


def test_a_known_weakness_fails_the_build(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(monkeypatch, [told("jinja2", FLAW)], [told("flask", FLAW), told("babel")])
    assert advisories.main() == 1
    assert "flask 1.0: X-1, mended in 2.0" in capsys.readouterr().out
    monkeypatch.setitem(advisories.IGNORED, "X-1", "because")
    assert advisories.weak([told("flask", FLAW)]) == []


def test_nothing_known_passes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    answers(monkeypatch, [told("jinja2", FLAW)], [told("flask"), {"name": "kcc", "skip_reason": "own"}])
    assert advisories.main() == 0
    assert "1 libraries checked" in capsys.readouterr().out


def test_what_is_no_lock_is_no_answer(tmp_path: Path) -> None:
    """The real program, asked about a file that it refuses before it asks anybody."""
    (tmp_path / "bad.txt").write_text("not a requirement at all ===\n")
    assert advisories.asked(tmp_path / "bad.txt", "pypi") is None


def test_every_ignored_advisory_has_its_reason() -> None:
    assert all(len(reason) > 20 for reason in advisories.IGNORED.values())
