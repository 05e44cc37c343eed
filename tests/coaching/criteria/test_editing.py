"""The team writes the next version together, part by part, and loses nothing."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from kcc.access.actions import Action
from kcc.audit.model import AuditLine
from kcc.coaching.criteria import editing, publishing, rules
from kcc.coaching.criteria.editing import Overtaken
from kcc.coaching.criteria.rules import ItemValues
from kcc.coaching.criteria.shape import Norm, NotApplicable, Wording
from kcc.coaching.quality_plan import annex, form
from kcc.errors import AccessDenied, Invalid, NotFound, Refused
from tests.coaching.criteria.conftest import OWN, Team

LONG = "Zo'n lange uitleg, met € en ë. " * 80


def test_a_draft_begins_as_a_copy_and_twice_is_once(team: Team) -> None:
    """Whoever comes second finds the first one's draft; nothing of it is published."""
    assert team.do(editing.read) is None
    first = team.begin()
    assert (first.form.version, first.form.phases, first.base) == (2, annex().phases, annex())
    team.say(5, "Anders gezegd.")
    assert team.do(editing.begin, by=team.two) == 2
    assert team.draft().form.items[5].meaning.nl == "Anders gezegd."
    with pytest.raises(NotFound), team.stores.database.read() as session:
        form(session, 2)


@pytest.mark.rule("REP-2")
def test_a_draft_is_discarded_by_the_team_and_a_published_version_never(team: Team) -> None:
    """By any coach, at the revision they saw, not once it is put forward. The next begins as a copy again;
    nothing typed on the discarded one fits it.
    """
    team.begin()
    team.say(5, "Anders gezegd.")
    old = team.draft()
    with pytest.raises(Refused):
        team.do(editing.discard, old.revision - 1)
    with pytest.raises(AccessDenied):
        team.do(editing.discard, old.revision, by=team.centre.actor(team.centre.anna))
    team.propose()
    with pytest.raises(Refused, match="put forward"):
        team.do(editing.discard, old.revision)
    team.do(publishing.take_back, old.revision)
    team.do(editing.discard, old.revision, by=team.two)
    assert team.do(editing.read) is None
    for verb in (editing.discard, publishing.take_back):
        with pytest.raises(Refused, match="discarded"):
            team.do(verb, old.revision + 1)
    assert team.begin().form.phases == annex().phases
    assert team.draft().revision > old.revision
    team.do(editing.discard, team.draft().revision)
    team.publish()
    with pytest.raises(Refused):
        team.do(editing.discard, 1)
    with team.stores.database.read() as session:
        assert form(session, 2).version == 2


def test_texts_of_two_thousand_signs_are_kept_to_the_letter(team: Team) -> None:
    """In both languages; one more is refused, and so is nothing, and what no database keeps."""
    team.begin()
    item, two_thousand = team.draft().form.items[11], LONG[:1999] + "é"
    values = ItemValues(item.name, item.question, Wording(two_thousand, two_thousand[::-1]))
    team.do(editing.change_item, 11, rules.stamp(item), values)
    assert team.draft().form.items[11] == replace(item, meaning=values.meaning)
    for wrong in (two_thousand + "x", "", "a\0b", "\ud800"):
        said = replace(values, meaning=Wording("goed", wrong))
        with pytest.raises(Invalid) as fault:
            team.do(editing.change_item, 11, rules.stamp(team.draft().form.items[11]), said)
        assert fault.value.field == "meaning_en"
    assert team.draft().form.items[11].meaning == values.meaning


@pytest.mark.rule("REP-7")
def test_an_item_of_the_annex_keeps_all_but_its_texts(team: Team) -> None:
    """Whatever is sent: number, name, phase and marks stay; it is neither moved nor removed."""
    team.begin()
    item = team.draft().form.items[1]
    team.do(editing.change_item, 1, rules.stamp(item), replace(OWN, knowledge=True, observable=True))
    changed = team.draft().form.items[1]
    assert changed == replace(item, question=OWN.question, meaning=OWN.meaning)
    revision = team.draft().revision
    for what in ("1", "23", "alertness", "24", "own-9", "nothing", "²"):
        for how in ("up", "down", "remove"):
            with pytest.raises(NotFound):
                team.do(editing.arrange, revision, what, how)
    with pytest.raises(NotFound):
        team.do(editing.change_phase, "opening", rules.stamp(annex().phases[1]), Wording("a", "b"))
    assert rules.keeps_the_annex(team.draft().form)


def test_items_and_phases_of_ones_own(team: Team) -> None:
    """They are added, moved over the borders of phases, renamed and removed; a number is never used twice."""
    team.begin()
    assert team.do(editing.add_item, "closing", OWN) == 24
    team.do(editing.add_phase, Wording("Chat", "Chat"))
    assert [phase.code for phase in team.draft().form.phases][-1] == "own-1"

    def move(what: str, how: str) -> list[int]:
        team.do(editing.arrange, team.draft().revision, what, how)
        return list(team.draft().form.items)[-3:]

    assert move("24", "up") == [22, 24, 23]
    assert rules.phase_of(team.draft().form, 24) == team.draft().form.phases[6]
    assert move("24", "up") == [22, 24, 23]
    assert rules.phase_of(team.draft().form, 24) == team.draft().form.phases[5]
    for _ in range(3):
        last = move("24", "down")
    assert last == [22, 23, 24]
    assert [item.number for item in team.draft().form.phases[7].items] == [24]
    assert move("24", "down") == last
    with pytest.raises(Refused, match="Move or remove"):
        move("own-1", "remove")
    move("own-1", "up")
    assert [phase.code for phase in team.draft().form.phases][-2:] == ["own-1", "closing"]
    phase = team.draft().form.phases[6]
    team.do(editing.change_phase, "own-1", rules.stamp(phase), Wording("Schriftelijk", "In writing"))
    assert team.draft().form.phases[6].name.en == "In writing"
    move("24", "remove")
    move("own-1", "remove")
    assert team.draft().form.phases == annex().phases


def test_a_number_that_a_published_version_had_is_not_used_again(team: Team) -> None:
    """So that a report's answer 24 always means the same question."""
    team.publish()
    draft = team.begin()
    team.do(editing.arrange, draft.revision, "24", "remove")
    assert team.do(editing.add_item, "closing", OWN) == 25


def test_two_coaches_at_once_lose_nothing(team: Team) -> None:
    """Different parts go well together; for the same part the second is shown what the first one wrote."""
    opened = team.begin().form
    values = {n: replace(OWN, meaning=Wording(f"nl {n}", f"en {n}")) for n in (3, 4)}
    team.do(editing.change_item, 3, rules.stamp(opened.items[3]), values[3])
    team.do(editing.change_item, 4, rules.stamp(opened.items[4]), values[4], by=team.two)
    with pytest.raises(Overtaken) as late:
        team.do(editing.change_item, 3, rules.stamp(opened.items[3]), values[4], by=team.two)
    assert late.value.kept == team.draft().form.items[3]
    assert team.draft().form.items[3].meaning.nl == "nl 3"
    norm = Norm((3, 4), (), 50, NotApplicable.MET)
    team.do(editing.change_norm, rules.stamp(opened.norm), norm)
    with pytest.raises(Overtaken):
        team.do(editing.change_norm, rules.stamp(opened.norm), replace(norm, percent=60), by=team.two)
    assert team.draft().form.norm == norm
    revision = team.draft().revision
    assert team.do(editing.add_item, "closing", OWN) == 24
    with pytest.raises(Refused, match="while you were at it"):
        team.do(editing.arrange, revision, "24", "up")
    for gone in ("24",):
        item = team.draft().form.items[24]
        team.do(editing.arrange, team.draft().revision, gone, "remove")
    with pytest.raises(Overtaken) as nothing:
        team.do(editing.change_item, 24, rules.stamp(item), OWN, by=team.two)
    assert nothing.value.kept is None


@pytest.mark.parametrize(
    ("norm", "field"),
    [
        (Norm((), (), 80), "deciding"),
        (Norm((1, 3), (), 80), "deciding"),
        (Norm((99,), (), 80), "deciding"),
        (Norm((3,), (4,), 80), "required"),
        (Norm((3,), (), 0), "percent"),
        (Norm((3,), (), 101), "percent"),
    ],
)
def test_a_norm_that_cannot_be_is_refused(team: Team, norm: Norm, field: str) -> None:
    """With the field that is wrong."""
    was = rules.stamp(team.begin().form.norm)
    with pytest.raises(Invalid) as fault:
        team.do(editing.change_norm, was, norm)
    assert fault.value.field == field


def test_an_item_that_goes_or_falls_silent_leaves_the_norm(team: Team) -> None:
    """Nothing decides that nobody answers."""
    team.begin()
    team.do(editing.add_item, "closing", OWN)
    for what in ("silent", "gone"):
        form = team.draft().form
        item = form.items[24]
        team.do(editing.change_item, 24, rules.stamp(item), OWN)
        form = team.draft().form
        team.do(editing.change_norm, rules.stamp(form.norm), Norm((3, 24), (24,), 100))
        if what == "silent":
            said = replace(OWN, observable=False)
            team.do(editing.change_item, 24, rules.stamp(team.draft().form.items[24]), said)
        else:
            team.do(editing.arrange, team.draft().revision, "24", "remove")
        assert team.draft().form.norm == Norm((3,), (), 100)


def test_there_is_an_end_to_it(team: Team) -> None:
    """Forty items and twelve phases at most."""
    team.begin()
    for _ in range(17):
        team.do(editing.add_item, "closing", OWN)
    with pytest.raises(Refused, match="40"):
        team.do(editing.add_item, "closing", OWN)
    for _ in range(5):
        team.do(editing.add_phase, Wording("a", "b"))
    with pytest.raises(Refused, match="12"):
        team.do(editing.add_phase, Wording("a", "b"))


@pytest.mark.rule("ACC-1")
def test_only_coaches_write_it_and_each_act_is_logged(team: Team) -> None:
    """An employee and an administrator may not; a change that changes nothing leaves no line."""
    team.begin()
    for name in ("anna", "administrator", "lead"):
        actor = team.centre.actor(getattr(team.centre, name))
        for verb, more in ((editing.begin, ()), (editing.read, ()), (editing.add_item, ("closing", OWN))):
            with pytest.raises(AccessDenied):
                team.do(verb, *more, by=actor)
    team.say(3, "Anders.")
    revision = team.draft().revision
    team.say(3, "Anders.")
    assert team.draft().revision == revision
    with team.stores.database.read() as session:
        lines = session.scalars(select(AuditLine.action).where(AuditLine.subject == "form_version:2"))
        assert list(lines) == [Action.CRITERIA_EDIT] * 2
