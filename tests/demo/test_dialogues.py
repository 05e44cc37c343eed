"""The dialogues are complete: every place filled, two speakers, a greeting of every length."""

import re
from importlib import resources

from kcc.demo import dialogues
from kcc.demo.dialogues import MANNERS
from kcc.demo.voices import EMPLOYEES


def test_every_content_file_is_used_and_readable() -> None:
    files = {
        path.name.removesuffix(".txt") for path in resources.files("kcc.demo").joinpath("content").iterdir()
    }
    used = {f"{manner}_{topic}" for manner, topics in MANNERS.items() for topic in topics}
    assert files == used | {"phrases", "names"}
    for name in used:
        sections = dialogues.content(name)
        assert {"question", "answer"} <= set(sections) <= {"question", "probing", "answer", "closing"}
        lines = [line for exchanges in sections.values() for exchange in exchanges for line in exchange]
        assert {line.who for line in lines} == {"E", "C"}


def test_every_voice_speaks_every_manner() -> None:
    scripts = dialogues.scripts(3)
    for voice in range(len(EMPLOYEES)):
        assert {s.manner for s in scripts if s.employee == voice} == set(MANNERS)


def test_no_place_is_left_open_and_no_dialogue_is_twice_there() -> None:
    scripts = dialogues.scripts(3)
    texts = ["\n".join(line.text for part in s.parts for line in part.lines) for s in scripts]
    assert not [text for text in texts if re.search(r"[{}\[\]]", text)]
    spoken = {text for s, text in zip(scripts, texts, strict=True) if s.manner == "ordinary"}
    assert len(spoken) == sum(s.manner == "ordinary" for s in scripts)


def test_ordinary_dialogues_have_a_hold_a_check_and_a_closing_by_both() -> None:
    for script in dialogues.scripts(3):
        if script.manner == "ordinary":
            lines = [line for part in script.parts for line in part.lines]
            assert any(line.is_hold for line in lines)
            assert {line.who for line in script.parts[-1].lines} == {"E", "C"}
            assert sum(part.rank == 0 for part in script.parts) == 3


def test_only_aggressive_callers_shout() -> None:
    for script in dialogues.scripts(3):
        loud = [line for part in script.parts for line in part.lines if line.loud]
        assert bool(loud) == (script.manner == "aggressive")
        assert all(line.who == "C" for line in loud)


def test_the_same_seed_gives_the_same_dialogues() -> None:
    assert dialogues.scripts(5) == dialogues.scripts(5) != dialogues.scripts(6)
