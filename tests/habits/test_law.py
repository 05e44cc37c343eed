"""Every rule that is cited or carried exists, and the pages about them are fresh."""

import tomllib

import pytest

from tests.habits import law


def known() -> set[str]:
    """The ids of all rules."""
    chapters = tomllib.loads(law.RULES.read_text()).values()
    return {id_ for chapter in chapters for id_ in chapter if id_ != "title"}


@pytest.mark.parametrize("name", law.PAGES)
def test_a_page_is_fresh(name: str) -> None:
    """Whoever cites or carries a rule runs `make docs` and commits what it writes."""
    assert (law.ROOT / "docs" / name).read_text() == law.PAGES[name](), f"docs/{name} is stale: make docs"


def test_every_rule_that_is_named_exists() -> None:
    """In the code, in a test's mark, and in the policy's demands."""
    families = {id_.split("-")[0] for id_ in known()}
    cited = {id_ for id_ in law.citations() if id_.split("-")[0] in families}
    assert cited - known() == set()
    assert set(law.carriers()) - known() == set()


def test_every_rule_says_something() -> None:
    """What the protocol says, or how we read it; and all chapters are there."""
    told = list(law.chapters())
    assert len(told) >= 12
    for _, laws in told:
        assert laws
        assert all(each.promised or each.reading for each in laws)


def test_no_rule_is_proved_that_is_held_nowhere() -> None:
    """A test that carries a rule which no module cites proves something that nobody can find."""
    assert [each.id for _, laws in law.chapters() for each in laws if each.tests and not each.code] == []
