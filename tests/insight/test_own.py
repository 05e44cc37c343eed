"""Who did what with my data: every act about somebody, in words, to them alone, and quickly (ACC-5)."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete, event, insert, update
from sqlalchemy.exc import DBAPIError

from kcc import clock
from kcc.access import deeds
from kcc.access.actions import Action
from kcc.access.actor import Actor, Function, Post, system
from kcc.access.policy import Permit, Subject
from kcc.access.purposes import Purpose
from kcc.audit import record, searching
from kcc.audit.model import AuditLine
from kcc.clock import Frozen
from kcc.insight import own
from kcc.insight.own import Asked
from kcc.people.model import FunctionPeriod, Person
from kcc.recordings import erasure
from kcc.stores import Stores
from tests.access import world as worlds
from tests.access.world import World
from tests.audit.lines import all_lines, refused_by_the_database
from tests.centre import Centre
from tests.conftest import Client
from tests.recordings.test_views import link, text

As = Callable[[str], Client]


@pytest.fixture
def world(stores: Stores, centre: Centre, now: Frozen) -> World:
    return worlds.build(stores, centre, now)


def many(stores: Stores, about: str, number: int, **more: object) -> None:
    """Lines about somebody, a minute apart, each of another call: the newest of now."""
    coach = Actor("c" * 32, "Coach Pieters", frozenset({Post(Function.COACH)}))
    rows = []
    for index in range(number):
        subject = Subject("sample", f"{index:032}")
        permit = Permit(coach, Function.COACH, Action.SAMPLE_PLAY, Purpose.MONITORING, subject, about, "x")
        at = clock.now() - timedelta(minutes=index)
        rows.append(record._row(at, permit, allowed=True, rule=None, detail={}) | more)
    with stores.database.write() as session:
        session.execute(insert(AuditLine), rows)


@pytest.mark.parametrize("action", list(Action))
def test_every_action_reads_as_a_sentence_that_is_no_bare_word(action: Action) -> None:
    """Permitted and refused; a new action is given its words in kcc/access/deeds.py."""
    assert action in deeds.DEEDS, "say in kcc.access.deeds what was done"
    assert deeds.sentence(action.value, True, {}) == deeds.DEEDS[action]
    assert deeds.sentence(action.value, False, {}).startswith("Tried")
    assert any(action in deeds.of_kind(kind) for kind in (*deeds.KINDS, "other"))


def test_an_action_of_former_days_reads_as_its_word() -> None:
    assert deeds.sentence("former:deed", True, {}) == "former:deed"


def test_kinds_share_no_action() -> None:
    named = [action for _, actions in deeds.KINDS.values() for action in actions]
    assert len(named) == len(set(named))


@pytest.mark.rule("ACC-5")
def test_each_line_about_somebody_reaches_them_and_nobody_else(world: World, browser_as: As) -> None:
    """Of all that happened in a whole world, refused attempts among it: by the audit's own columns."""
    coach, other = browser_as(world.centre.coach), browser_as(world.centre.other_coach)
    coach.post(f"/samples/{world.ids['sample.fresh']}/listen", {})
    other.post(f"/samples/{world.ids['sample.fresh']}/listen", {})
    lines = [line for line in all_lines(world.stores) if line.action != Action.SOUND_FETCH]
    for name in ("anna", "bob", "carla", "coach", "lead", "administrator"):
        who = getattr(world.centre, name)
        with world.stores.database.read() as session:
            found = searching.every(session, own.wanted(who, Asked()), None, 1000)
        expected = {line.id for line in lines if who == line.about_id or line.subject == f"person:{who}"}
        assert {line.id for line in found} == expected, name
        assert expected or name in ("lead", "administrator"), name
        with world.stores.database.read() as session:
            mine = searching.every(session, own.wanted(who, Asked("me")), None, 1000)
        assert {line.id for line in mine} == {line.id for line in lines if line.actor_id == who}, name


@pytest.mark.rule("ACC-5")
@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "nl",
            "Coach Jansen coach Opende een getrokken gesprek om het te beluisteren jouw gesprek van"
            r" ma 16 nov, 0\d:\d\d de kwaliteit van gesprekken volgen niets",
        ),
        (
            "en",
            "Coach Jansen coach Opened a drawn call to hear it your call of"
            r" Mon 16 Nov, 0\d:\d\d monitoring call quality nothing",
        ),
    ],
)
def test_it_tells_who_as_what_what_for_when_and_how_much(
    world: World, browser_as: As, language: str, words: str
) -> None:
    """In plain words of either language, with the way to the call; a refused attempt says so."""
    coach, anna = browser_as(world.centre.coach), browser_as(world.centre.anna)
    other, sample = browser_as(world.centre.other_coach), world.ids["sample.fresh"]
    coach.post(f"/samples/{sample}/listen", {})
    other.post(f"/samples/{sample}/listen", {})
    anna.flask.set_cookie("language", language)
    page = anna.get("/my-data").text
    assert re.search(words, text(page))
    assert f'href="/calls/{world.ids["call.of-fresh"]}"' in page
    refused = {"nl": "getrokken gesprek te beluisteren geweigerd", "en": "to hear a drawn call refused"}
    assert refused[language] in text(page)
    assert "Other Coach Jansen" in page


@pytest.mark.rule("ACC-5", "ANN-3")
def test_a_drawn_call_is_not_told_before_the_coach_opens_it(world: World, browser_as: As) -> None:
    """Neither the draw nor its replacements name one."""
    page = browser_as(world.centre.carla).get("/my-data").text
    sample = world.ids["call.of-carlas"]
    assert sample not in page
    assert world.ids["call.of-carlas-2"] not in page
    assert world.ids["call.of-carlas-draft"] in page, "that one was opened and scored"


@pytest.mark.rule("ACC-5", "RET-8")
def test_erased_calls_and_people_who_left_are_told_as_such(
    world: World, browser_as: As, stores: Stores, now: Frozen
) -> None:
    """No way to what is no more; past its deadline a call counts as gone though no job ran."""
    browser_as(world.centre.coach).post(f"/samples/{world.ids['sample.fresh']}/listen", {})
    with stores.database.write() as session:
        session.execute(delete(FunctionPeriod).where(FunctionPeriod.person_id == world.centre.coach))
        session.execute(update(Person).where(Person.id == world.centre.coach).values(name="Weg"))
    now.move(timedelta(days=28))
    page = browser_as(world.centre.anna).get("/my-data").text
    assert "een gesprek waarvan de wisdatum voorbij is" in page
    assert f'href="/calls/{world.ids["call.of-fresh"]}"' not in page
    erasure.erase_due(stores, system("erase"))
    page = text(browser_as(world.centre.anna).get("/my-data?kind=heard").text)
    assert "een gesprek dat op ma 14 dec, 09:00 is gewist" in page
    assert "Coach Jansen coach" in page


@pytest.mark.rule("ACC-5")
def test_filters_narrow_it_down(world: World, browser_as: As) -> None:
    """By who, by kind, by day, refused alone; together; what is no answer is told beside its field."""
    browser_as(world.centre.other_coach).post(f"/samples/{world.ids['sample.fresh']}/listen", {})
    anna = browser_as(world.centre.anna)
    anna.post(f"/calls/{world.ids['call.live']}/listen", {})
    assert "Anna Jansen medewerker" in text(anna.get("/my-data?kind=heard").text)
    assert "Anna Jansen medewerker" not in text(anna.get("/my-data?kind=heard&who=others").text)
    assert "Vulde een formulier" in anna.get("/my-data?kind=reports").text
    refused = text(anna.get("/my-data?kind=refused").text)
    assert "Other Coach Jansen" in refused
    assert "Vulde een formulier" not in refused
    assert "Niets past bij dit filter" in anna.get("/my-data?until=2026-11-15").text
    assert "Vulde een formulier" in anna.get("/my-data?since=2026-11-16&until=2026-11-16").text
    wrong = anna.get("/my-data?who=boss&kind=x&since=gisteren&until=2026-13-01")
    assert wrong.status_code == 422
    assert wrong.text.count('class="rvo-form-feedback') == 4
    assert 'value="gisteren"' in wrong.text
    for mangled in ("before=x", "before=1~", "after=1~zz"):
        assert anna.get(f"/my-data?{mangled}").status_code == 422, mangled


def test_with_nothing_it_says_what_will_come(centre: Centre, browser_as: As, stores: Stores) -> None:
    anna = browser_as(centre.anna)
    with stores.database.write() as session:
        session.execute(delete(AuditLine))
    assert "Niemand heeft nog iets met jouw gegevens gedaan" in anna.get("/my-data").text
    assert "Keek wie wat met de eigen gegevens deed" in anna.get("/my-data?who=me").text
    with stores.database.read() as session:
        assert session.query(AuditLine).count() == 2, "each look is written down"


@pytest.mark.rule("ACC-5")
def test_ten_thousand_lines_in_pages_to_the_end_and_back(
    centre: Centre, browser_as: As, stores: Stores
) -> None:
    """Every page asks the same few questions and never skips rows; fifty at a time, none twice."""
    many(stores, centre.anna, 10_000)
    asked: list[str] = []
    anna = browser_as(centre.anna)
    event.listen(stores.database.engine, "before_cursor_execute", lambda _c, _cur, sql, *_: asked.append(sql))
    page = anna.get("/my-data").text
    first, seen = len(asked), 0
    keys = []
    with stores.database.read() as session:
        key, count = None, 0
        while True:
            found = searching.page(session, own.wanted(centre.anna, Asked(kind="heard")), key)
            seen += len(found.lines)
            count += 1
            if found.older is None:
                break
            key = found.older
            keys.append(key)
        back = searching.page(session, own.wanted(centre.anna, Asked(kind="heard")), after=keys[-1])
    assert (seen, count, len(back.lines)) == (10_000, 200, 50)
    asked.clear()
    where = f"/my-data?before={int(keys[-2][0].timestamp() * 1e6)}~{keys[-2][1].hex()}"
    deep = anna.get(where).text
    assert len(asked) <= first <= 20
    assert not [sql for sql in asked if "OFFSET" in sql.upper() and "OFFSET ?" not in sql]
    assert page.count("<tr") == deep.count("<tr") == 51
    older = link(page, "next")
    assert older
    newer = link(anna.get(older).text, "prev")
    assert newer
    assert re.findall(r"ma|di|wo", text(anna.get(newer).text)) == re.findall(r"ma|di|wo", text(page))


def test_the_same_act_again_and_again_is_one_row(world: World, browser_as: As) -> None:
    """A form that saves itself does not bury who listened; each opening of a sound stays its own row."""
    coach, anna = browser_as(world.centre.coach), browser_as(world.centre.anna)
    sample = world.ids["sample.draft"]
    world.now.move(timedelta(seconds=30))
    anna.get(f"/calls/{world.ids['call.live']}")  # something else in between
    for revision in range(1, 6):
        world.now.move(timedelta(minutes=1))
        changes = {"revision": revision, "changes": {"answer-4": "no" if revision % 2 else "yes"}}
        token = coach.token()
        answer = coach.flask.post(f"/samples/{sample}/autosave", json=changes, headers={"X-CSRFToken": token})
        assert answer.status_code == 200, answer.text
    for _ in range(2):
        world.now.move(timedelta(minutes=1))
        coach.post(f"/samples/{sample}/listen", {})
    page = text(anna.get("/my-data").text)
    assert "Vulde een formulier over een gesprek in 5 keer, vanaf 09:01" in page
    assert page.count("Opende een getrokken gesprek om het te beluisteren") == 2


@pytest.mark.rule("ACC-5")
def test_what_was_erased_on_its_term_is_gone_from_here_too(
    centre: Centre, browser_as: As, stores: Stores
) -> None:
    many(stores, centre.anna, 3)
    nothing = dict.fromkeys(("salt", "body", "actor_id", "about_id", "subject", "purpose"))
    with stores.database.write() as session:
        session.execute(update(AuditLine).values(**nothing))
    assert "Coach Pieters" not in browser_as(centre.anna).get("/my-data").text


@pytest.mark.rule("ACC-5")
def test_what_cannot_be_written_down_is_not_shown(centre: Centre, stores: Stores) -> None:
    many(stores, centre.anna, 1)
    with refused_by_the_database(stores), pytest.raises(DBAPIError), stores.database.write() as session:
        own.look(session, centre.actor(centre.anna), Asked())


def test_everybody_finds_it_in_their_own_menu(centre: Centre, browser_as: As) -> None:
    for name in ("anna", "coach", "lead", "manager", "officer", "administrator", "council"):
        browser = browser_as(getattr(centre, name))
        assert 'href="/my-data"' in browser.get("/account").text
        assert browser.get("/my-data").status_code == 200
