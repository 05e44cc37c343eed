"""The employee's pages about their own calls, over HTTP; reporting a threat is in tests/threat."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from itertools import product

import pytest
from sqlalchemy import select, update

from kcc import clock
from kcc.access import policy
from kcc.access.actions import Action
from kcc.access.facts import RecordingFacts, RecordingState
from kcc.clock import Frozen
from kcc.coaching.model import SelectionDate
from kcc.errors import AccessDenied
from kcc.recordings import queries
from kcc.recordings.model import Recording
from kcc.stores import Stores
from tests.centre import Centre
from tests.conftest import Client

As = Callable[[str], Client]


def ids(stores: Stores, employee_id: str) -> list[str]:
    """An employee's recordings, newest first."""
    with stores.database.read() as session:
        query = select(Recording.id).where(Recording.employee_id == employee_id)
        return list(session.scalars(query.order_by(Recording.started_at.desc(), Recording.id.desc())))


def listed(page: str) -> list[str]:
    """The calls a page links to, in its order."""
    return re.findall(r'href="/calls/([0-9a-f]{32})"', page)


def link(page: str, rel: str) -> str | None:
    """Where the newer (prev) or older (next) link goes."""
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    return found[1].replace("&amp;", "&") if found else None


def bare(page: str) -> str:
    """A page without what is new at every answer, and without the ids in its address."""
    page = re.sub(r'(csrf-token" content|csrf_token" value|nonce)="[^"]*"', r"\1", page)
    return re.sub(r"[0-9a-f]{32}", "id", page)


class Text(HTMLParser):
    """What a page says to a reader."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        """Keep the words."""
        self.parts.append(data)

    def __str__(self) -> str:
        return " ".join(" ".join(self.parts).split())


def text(page: str) -> str:
    """The words of a page, on one line."""
    return str(Text(page))


# --- the list ---


@pytest.mark.parametrize(
    ("language", "title", "empty"),
    [
        ("nl", "Mijn gesprekken", "Je hebt hier nog geen gesprekken"),
        ("en", "My calls", "You have no calls here yet"),
    ],
)
def test_without_calls_the_page_says_when_they_come(
    centre: Centre, browser_as: As, language: str, title: str, empty: str
) -> None:
    anna = browser_as(centre.anna)
    anna.flask.set_cookie("language", language)
    answer = anna.get("/calls")
    assert answer.status_code == 200
    assert f'<h1 class="utrecht-heading-1">{title}</h1>' in answer.text
    assert empty in answer.text
    assert f'<html lang="{language}"' in answer.text
    assert "<table" not in answer.text


def test_one_call_with_its_day_duration_and_days_left(centre: Centre, browser_as: As) -> None:
    centre.call(start=clock.now() - timedelta(days=25), seconds=72, direction="outgoing")
    page = text(browser_as(centre.anna).get("/calls").text)
    assert "vr 9 okt , 10:00 10:00 1:12 uitgaand 3 dagen" in page


def test_only_ones_own_calls_are_listed(stores: Stores, centre: Centre, browser_as: As) -> None:
    centre.call("anna")
    centre.call("bob")
    assert listed(browser_as(centre.anna).get("/calls").text) == ids(stores, centre.anna)
    assert listed(browser_as(centre.bob).get("/calls").text) == ids(stores, centre.bob)


def test_sixty_calls_in_pages_to_the_end_and_back(stores: Stores, centre: Centre, browser_as: As) -> None:
    centre.calls(60)
    anna, everything = browser_as(centre.anna), ids(stores, centre.anna)
    first = anna.get("/calls").text
    assert listed(first) == everything[:50]
    assert link(first, "prev") is None
    older = link(first, "next")
    assert older
    second = anna.get(older).text
    assert listed(second) == everything[50:]
    assert link(second, "next") is None
    newer = link(second, "prev")
    assert newer
    back = anna.get(newer).text
    assert listed(back) == everything[:50]
    assert link(back, "prev") is None
    assert link(back, "next") == older


def test_a_page_whose_calls_were_erased_leads_back(centre: Centre, browser_as: As) -> None:
    answer = browser_as(centre.anna).get(f"/calls?before=1~{'0' * 32}")
    assert answer.status_code == 200
    assert "Hier staan geen gesprekken meer" in answer.text
    assert "Naar de nieuwste gesprekken" in answer.text


def test_filters_by_day_and_direction_and_keeps_them_while_paging(centre: Centre, browser_as: As) -> None:
    centre.calls(52, direction="incoming")
    for days in (3, 4, 5):
        centre.call(start=clock.now() - timedelta(days=days, minutes=7), direction="outgoing")
    anna = browser_as(centre.anna)
    outgoing = anna.get("/calls?direction=outgoing").text
    assert len(listed(outgoing)) == 3
    assert '<option value="outgoing" selected>' in outgoing
    one_day = anna.get("/calls?since=2026-10-30&until=2026-10-30&direction=outgoing").text
    assert len(listed(one_day)) == 1
    assert 'value="2026-10-30"' in one_day
    incoming = anna.get("/calls?direction=incoming").text
    older = link(incoming, "next")
    assert older
    assert "direction=incoming" in older
    assert len(listed(anna.get(older).text)) == 2


def test_a_day_is_the_centres_day(centre: Centre, browser_as: As) -> None:
    """Half past midnight in Amsterdam is still the day before in UTC."""
    centre.call(start=datetime(2026, 11, 2, 0, 30, tzinfo=clock.LOCAL))
    anna = browser_as(centre.anna)
    assert len(listed(anna.get("/calls?since=2026-11-02&until=2026-11-02").text)) == 1
    assert listed(anna.get("/calls?since=2026-11-01&until=2026-11-01").text) == []


def test_a_filter_that_nothing_fits_says_so(centre: Centre, browser_as: As) -> None:
    centre.call()
    page = browser_as(centre.anna).get("/calls?until=2026-01-01").text
    assert "Bij deze keuze horen geen gesprekken" in page
    assert "Toon alles" in page


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ("since=gisteren", "since", "Schrijf de dag als jaar-maand-dag"),
        ("since=0001-01-01", "since", "Schrijf de dag als jaar-maand-dag"),
        ("until=9999-12-31", "until", "Schrijf de dag als jaar-maand-dag"),
        ("until=2026-02-30", "until", "Schrijf de dag als jaar-maand-dag"),
        ("since=2026-11-03&until=2026-11-02", "until", "De laatste dag ligt voor de eerste."),
        ("direction=sideways", "direction", "Kies een richting uit de lijst."),
    ],
)
def test_a_wrong_filter_is_answered_beside_its_field(
    centre: Centre, browser_as: As, query: str, field: str, sentence: str
) -> None:
    centre.call()
    answer = browser_as(centre.anna).get(f"/calls?{query}")
    assert answer.status_code == 422
    assert f'href="#{field}">{sentence}' in answer.text
    assert f'id="{field}-error"' in answer.text
    assert f'aria-describedby="{field}-error" aria-invalid="true"' in answer.text
    assert "<title>Fout: Mijn gesprekken" in answer.text
    assert listed(answer.text) == []


@pytest.mark.parametrize("place", ["x", "1", "1~", "~", "99999999999999999999~" + "0" * 32, "1~" + "g" * 32])
def test_a_mangled_place_in_the_list_is_answered_plainly(centre: Centre, browser_as: As, place: str) -> None:
    answer = browser_as(centre.anna).get(f"/calls?before={place}")
    assert answer.status_code == 422
    assert "Deze link is niet compleet." in answer.text


def test_marks_a_sealed_call(centre: Centre, browser_as: As) -> None:
    centre.call(scope="internal")
    assert "niet te beluisteren" in text(browser_as(centre.anna).get("/calls").text)


@pytest.mark.rule("ANN-1")
def test_an_announced_selection_stands_on_top(stores: Stores, centre: Centre, browser_as: As) -> None:
    day = date(2026, 11, 16)
    with stores.database.write() as session:
        announced = SelectionDate(
            employee_id=centre.anna, month=date(2026, 11, 1), day=day, announced_at=clock.now()
        )
        session.add(announced)
    page = text(browser_as(centre.anna).get("/calls").text)
    assert "maandag 16 november 2026" in page
    assert page.index("maandag 16 november 2026") < page.index("Vanaf dag")
    assert "16 november" not in text(browser_as(centre.bob).get("/calls").text)


# --- one call ---


@pytest.mark.rule("RGT-1", "RET-1")
@pytest.mark.parametrize(
    ("language", "title", "erased"),
    [
        ("nl", "Gesprek van di 3 nov, 08:00", "Wordt gewist op di 1 dec, 08:00 28 dagen"),
        ("en", "Call of Tue 3 Nov, 08:00", "Erased on Tue 1 Dec, 08:00 28 days"),
    ],
)
def test_a_call_says_when_it_goes_and_can_be_heard_until_then(
    stores: Stores, centre: Centre, browser_as: As, now: Frozen, language: str, title: str, erased: str
) -> None:
    centre.call()
    (recording_id,) = ids(stores, centre.anna)
    anna = browser_as(centre.anna)
    anna.flask.set_cookie("language", language)
    page = anna.get(f"/calls/{recording_id}").text
    assert title in text(page)
    assert erased in text(page)
    assert f'action="/calls/{recording_id}/listen"' in page
    now.move(timedelta(days=28, hours=-1, seconds=-1))
    late = browser_as(centre.anna)
    heard = late.post(f"/calls/{recording_id}/listen")
    assert heard.status_code == 303
    sound = sound_in(late.get(heard.location).text)
    assert late.get(sound).data[:4] == b"RIFF"
    now.move(timedelta(seconds=1))
    assert late.get(f"/calls/{recording_id}").status_code == 404
    assert late.post(f"/calls/{recording_id}/listen").status_code == 404
    assert late.get(sound).status_code == 410
    assert listed(late.get("/calls").text) == []


def sound_in(page: str) -> str:
    """Where the native control of a page without script gets its sound."""
    found = re.search(r'<audio controls preload="none" src="([^"]+)"', page)
    assert found, "no native control"
    return found[1]


def test_a_lease_that_is_over_or_of_somebody_else_gives_no_native_control(
    stores: Stores, centre: Centre, browser_as: As
) -> None:
    centre.call()
    (recording_id,) = ids(stores, centre.anna)
    anna = browser_as(centre.anna)
    heard = anna.post(f"/calls/{recording_id}/listen").location
    assert sound_in(anna.get(heard).text)
    assert "<audio controls" not in browser_as(centre.anna).get(heard).text
    assert "<audio controls" not in anna.get(f"/calls/{recording_id}?lease=x").text
    anna.post(sound_in(anna.get(heard).text).replace("/sound", "/close"))
    assert "<audio controls" not in anna.get(heard).text


@pytest.mark.rule("ACC-1", "RGT-1")
def test_anothers_call_looks_exactly_like_an_unknown_one(
    stores: Stores, centre: Centre, browser_as: As
) -> None:
    centre.call("bob")
    centre.call("bob", scope="internal")
    live, sealed = sorted(ids(stores, centre.bob), key=lambda id_: _state(stores, id_))
    anna = browser_as(centre.anna)
    anna.get("/calls")  # the first page also hands out the cookie behind the form token
    for path in ("", "/threat"):
        unknown = anna.get(f"/calls/{'0' * 32}{path}")
        assert unknown.status_code == 404
        for recording_id in (live, sealed):
            foreign = anna.get(f"/calls/{recording_id}{path}")
            assert foreign.status_code == 404
            assert bare(foreign.text) == bare(unknown.text)
            assert _headers(foreign) == _headers(unknown)
    for verb in ("listen", "threat"):
        form = {"kind": "threat", "account": "x"}
        unknown = anna.post(f"/calls/{'0' * 32}/{verb}", form)
        foreign = anna.post(f"/calls/{live}/{verb}", form)
        assert (foreign.status_code, bare(foreign.text)) == (unknown.status_code, bare(unknown.text))
        assert foreign.status_code == 404


def _state(stores: Stores, recording_id: str) -> str:
    with stores.database.read() as session:
        return queries.by_id(session, recording_id).state


def _headers(answer: object) -> set[str]:
    return set(answer.headers.keys())  # type: ignore[attr-defined]


@pytest.mark.rule("ACC-3", "ACC-6")
def test_no_other_function_has_calls_of_its_own(stores: Stores, centre: Centre, browser_as: As) -> None:
    centre.call()
    (recording_id,) = ids(stores, centre.anna)
    for person in ("coach", "lead", "manager", "officer", "administrator", "council"):
        browser = browser_as(getattr(centre, person))
        for path in ("/calls", f"/calls/{recording_id}", f"/calls/{recording_id}/threat"):
            assert browser.get(path).status_code == 404, (person, path)
        assert browser.post(f"/calls/{recording_id}/listen").status_code == 404, person


@pytest.mark.rule("PUR-3")
@pytest.mark.parametrize(
    ("described", "sentence"),
    [
        ({"scope": "internal"}, "Het was een intern gesprek."),
        ({"line": "direct"}, "Het liep via een doorkiesnummer"),
    ],
)
def test_a_sealed_call_says_why_nobody_can_hear_it(
    stores: Stores, centre: Centre, browser_as: As, described: dict[str, str], sentence: str
) -> None:
    centre.call(**described)
    (recording_id,) = ids(stores, centre.anna)
    anna = browser_as(centre.anna)
    page = anna.get(f"/calls/{recording_id}").text
    assert "Niemand kan dit gesprek beluisteren" in page
    assert sentence in page
    assert "data-player" not in page
    assert "/listen" not in page
    assert f"/calls/{recording_id}/threat" not in page
    assert anna.post(f"/calls/{recording_id}/listen").status_code == 404


@pytest.mark.rule("ACC-5")
def test_who_listened_stands_on_the_page_with_function_purpose_and_moment(
    stores: Stores, centre: Centre, browser_as: As, now: Frozen
) -> None:
    centre.call()
    (recording_id,) = ids(stores, centre.anna)
    anna = browser_as(centre.anna)
    assert "Niemand heeft naar dit gesprek geluisterd" in anna.get(f"/calls/{recording_id}").text
    now.move(timedelta(minutes=4))
    anna.post(f"/calls/{recording_id}/listen")
    page = text(anna.get(f"/calls/{recording_id}").text)
    assert "Anna Jansen medewerker je eigen gesprek terughoren di 3 nov, 09:04" in page
    anna.flask.set_cookie("language", "en")
    page = text(anna.get(f"/calls/{recording_id}").text)
    assert "Anna Jansen employee hearing your own call Tue 3 Nov, 09:04" in page


def test_an_id_that_is_none_is_not_found(centre: Centre, browser_as: As) -> None:
    anna = browser_as(centre.anna)
    for id_ in ("x", "%00", "0" * 5000, "%F0%9F%90%B4", "' OR 1=1"):
        assert anna.get(f"/calls/{id_}").status_code == 404, id_
        assert anna.get(f"/calls/{id_}/threat").status_code == 404, id_
        assert anna.get(f"/listening/{id_}/sound").status_code == 404, id_


# --- lists agree with doors ---


@pytest.mark.rule("ACC-1", "RET-7")
def test_what_the_list_shows_is_what_the_policy_would_open(stores: Stores, centre: Centre) -> None:
    cases = list(_cases(stores, centre))
    assert len(cases) == len(RecordingState) * 3 * 2
    anna, now = centre.actor(centre.anna), clock.now()
    with stores.database.read() as session:
        rows = queries.own_calls(session, anna.person_id, now, queries.Filter()).rows
        opened = {id_ for id_ in cases if _opens(anna, queries.facts(session, id_, now), id_)}
    assert {row.id for row in rows} == opened
    assert opened


def _cases(stores: Stores, centre: Centre) -> Iterator[str]:
    """A recording of anna's or bob's in every state, before, at and after its deadline."""
    now = clock.now()
    for state, due_in, owner in product(RecordingState, (-1, 0, 1), ("anna", "bob")):
        before = set(ids(stores, getattr(centre, owner)))
        centre.call(owner, now - timedelta(days=1, seconds=len(before)))
        (made,) = set(ids(stores, getattr(centre, owner))) - before
        with stores.database.write() as session:
            values = {"state": state.value, "due_at": now + timedelta(seconds=due_in)}
            session.execute(update(Recording).where(Recording.id == made).values(values))
        yield made


def _opens(actor: policy.Actor, facts: RecordingFacts, recording_id: str) -> bool:
    try:
        policy.permit(actor, Action.RECORDING_READ, policy.Subject("recording", recording_id), facts)
    except AccessDenied:
        return False
    return True
