"""The administrator's status page over HTTP: figures, jobs and reasons in words, and nobody's name."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from kcc import clock, status
from kcc.clock import Frozen
from kcc.people.model import Person
from kcc.recordings import answers
from kcc.recordings.model import IntakeCount, Recording
from kcc.recordings.unknown_sound import UnknownSound
from kcc.scheduler import figures, metrics, runner, words
from kcc.scheduler.model import JobRun
from kcc.scheduler.timetable import timetable
from kcc.stores import Stores
from tests.centre import Centre
from tests.conftest import Client

As = Callable[[str], Client]


def text(page: str) -> str:
    """The words of a page, on one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def figure(page: str, label: str) -> str:
    """What stands in the figure of this name."""
    found = re.search(rf'<li class="kcc-figure[^"]*">\s*<span>{label}</span>.*?</li>', page, re.DOTALL)
    assert found, f"no figure {label}"
    return text(found[0])


@pytest.mark.parametrize(
    ("language", "overdue", "quarantined", "reasons"),
    [
        (
            "nl",
            "Voorbij de wisdatum 0 in orde moet 0 zijn",
            "In quarantaine 0 in orde",
            "Er is niets geweigerd",
        ),
        (
            "en",
            "Past their erasure date 0 in order must be 0",
            "In quarantine 0 in order",
            "Nothing was refused",
        ),
    ],
)
def test_an_installation_without_calls(
    stores: Stores,
    centre: Centre,
    browser_as: As,
    language: str,
    overdue: str,
    quarantined: str,
    reasons: str,
) -> None:
    runner.catch_up(stores)
    administrator = browser_as(centre.administrator)
    administrator.flask.set_cookie("language", language)
    page = administrator.get("/status").text
    assert figure(page, overdue[: overdue.index(" 0")]) == overdue
    assert figure(page, quarantined[: quarantined.index(" 0")]).startswith(quarantined)
    assert reasons in page


def test_jobs_show_their_last_run_outcome_and_next_run(
    stores: Stores, centre: Centre, browser_as: As, now: Frozen
) -> None:
    administrator = browser_as(centre.administrator)
    page = administrator.get("/status").text
    jobs = len(timetable(stores.settings.scheduler))
    assert figure(page, "Taken te laat of mislukt").startswith(
        f"Taken te laat of mislukt {jobs} kijk hiernaar"
    )
    assert text(page).count("nog nooit") == jobs
    runner.catch_up(stores)
    page = administrator.get("/status").text
    assert figure(page, "Taken te laat of mislukt") == "Taken te laat of mislukt 0 in orde"
    assert "Wissen wat gewist moet worden di 3 nov, 09:00 gelukt di 3 nov, 10:00" in text(page)
    assert "De steekproeven van vandaag trekken di 3 nov, 09:00 gelukt wo 4 nov, 06:30" in text(page)
    ran = now.at
    now.move(timedelta(hours=1, minutes=15))
    page = browser_as(centre.administrator).get("/status").text
    assert "Wissen wat gewist moet worden di 3 nov, 09:00 gelukt te laat" in text(page)
    hourly = sum(
        job.trigger.get_next_fire_time(ran, ran) + timedelta(minutes=15) <= now.at
        for job in timetable(stores.settings.scheduler)
    )
    assert hourly > 3
    assert figure(page, "Taken te laat of mislukt") == f"Taken te laat of mislukt {hourly} kijk hiernaar"


@pytest.mark.rule("ACC-6")
def test_a_failed_job_is_told_and_its_fault_is_not(stores: Stores, centre: Centre, browser_as: As) -> None:
    runner.catch_up(stores)
    with stores.database.write() as session:
        for run in session.scalars(select(JobRun).where(JobRun.job == "draw")):
            run.outcome, run.detail = "failed", "IntegrityError: Anna Jansen"
    page = browser_as(centre.administrator).get("/status").text
    assert figure(page, "Taken te laat of mislukt") == "Taken te laat of mislukt 1 kijk hiernaar"
    assert "De steekproeven van vandaag trekken di 3 nov, 09:00 mislukt" in text(page)
    assert "Anna" not in page


@pytest.mark.rule("RET-7")
def test_what_is_overdue_waits_for_the_next_run_or_is_an_alarm(
    stores: Stores, centre: Centre, browser_as: As, now: Frozen
) -> None:
    centre.call(start=clock.now() - timedelta(days=28, minutes=-30))
    runner.catch_up(stores)
    now.move(timedelta(minutes=40))
    page = browser_as(centre.administrator).get("/status").text
    assert "Voorbij de wisdatum 1 wacht" in figure(page, "Voorbij de wisdatum")
    assert "di 3 nov, 10:00" in figure(page, "Voorbij de wisdatum")
    now.move(timedelta(hours=2))
    page = browser_as(centre.administrator).get("/status").text
    assert "Voorbij de wisdatum 1 grijp nu in" in figure(page, "Voorbij de wisdatum")
    runner.catch_up(stores)
    page = browser_as(centre.administrator).get("/status").text
    assert figure(page, "Voorbij de wisdatum") == "Voorbij de wisdatum 0 in orde moet 0 zijn"


@pytest.mark.rule("ACC-6")
def test_counts_and_reasons_in_words_and_nothing_about_anybody(
    stores: Stores, centre: Centre, browser_as: As
) -> None:
    centre.call("anna")
    centre.call("bob", scope="internal")
    centre.call("nobody")
    centre.call("anna", line="silent")
    centre.call("anna", line="private")
    with pytest.raises(UnknownSound):
        centre.call("anna", content=b"<html>Anna</html>")
    administrator = browser_as(centre.administrator)
    answer = administrator.get("/status")
    page = text(answer.text)
    assert "Te beluisteren voor wie dat mag 1" in page
    assert "Zonder geluid, voor niemand te beluisteren 1" in page
    assert "In quarantaine 1 kijk hiernaar" in page
    assert "Het agentnummer is van niemand 1" in page
    assert "De welkomsttekst van de lijn meldde de opname niet 1" in page
    assert "De lijn is voor privégesprekken; meteen vernietigd 1" in page
    assert "Het bestand is geen geluid 1" in page
    with stores.database.read() as session:
        people = [
            name for name in session.scalars(select(Person.name)) if not name.startswith("Administrator")
        ]
        recordings = list(session.scalars(select(Recording.id)))
    assert people
    for secret in (
        *people,
        *recordings,
        "agent-",
        "+3120",
        "call-",
        "/calls",
        "/reports",
        "/team",
        "/samples",
    ):
        assert secret not in answer.text, secret
    for path in ("/calls", "/reports", "/samples", "/team", f"/calls/{recordings[0]}"):
        assert administrator.get(path).status_code == 404, path


def test_a_code_without_words_is_shown_as_it_is(stores: Stores, centre: Centre, browser_as: As) -> None:
    with stores.database.write() as session:
        session.execute(
            insert(IntakeCount), [{"day": clock.today(), "line": "main", "code": "new_code", "count": 3}]
        )
    assert "new_code 3" in text(browser_as(centre.administrator).get("/status").text)


def test_everything_counted_has_words(stores: Stores) -> None:
    found = status.gather(stores)
    assert set(found["recordings"]) | {"missing"} == set(words.RECORDINGS)  # known after the daily look
    assert set(found["draws"]) == set(words.DRAWS)
    assert set(found["reports"]) == set(words.REPORTS)
    refused = {code for code, sentence in answers.SENTENCES.items() if sentence.startswith("Refused")}
    assert refused <= set(words.REFUSED)


@pytest.mark.parametrize(
    ("free", "value", "word"),
    [(61_400_000_000, 61, "in order"), (9_950_000_000, 9.9, "getting low"), (1_900_000_000, 1.9, "act now")],
)
def test_a_filling_disk_is_told_in_time(free: int, value: float, word: str) -> None:
    erase = figures.JobLine("erase", "", clock.now(), "done", clock.now(), late=False)
    found = {"recordings": {"overdue": 0, "quarantined": 0}, "free_bytes": free}
    disk = figures.top(found, [erase])[-1]
    assert (disk.value, disk.word) == (value, word)


def test_a_bucket_that_does_not_say_has_no_figure() -> None:
    erase = figures.JobLine("erase", "", clock.now(), "done", clock.now(), late=False)
    found = {"recordings": {"overdue": 0, "quarantined": 0}, "free_bytes": None}
    assert "Free disk" not in {figure.label for figure in figures.top(found, [erase])}


def test_a_bucket_that_does_not_say_has_no_metric_and_keeps_all_others(stores: Stores) -> None:
    found = status.gather(stores)
    assert b"kcc_free_bytes" in metrics.text(found)
    told = metrics.text(found | {"free_bytes": None})
    assert b"kcc_free_bytes" not in told
    assert b'kcc_recordings{state="live"} 0.0' in told


@pytest.mark.rule("ACC-1")
def test_only_the_administrator_sees_the_status(centre: Centre, browser_as: As) -> None:
    for person in ("anna", "coach", "lead", "manager", "officer", "council"):
        assert browser_as(getattr(centre, person)).get("/status").status_code == 404, person
