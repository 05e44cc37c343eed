"""Alarms: found without any scheduler, shown everywhere, mailed once a day, and over when it is over."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, select

from kcc import clock
from kcc.access.actor import system
from kcc.app import create_app
from kcc.clock import Frozen
from kcc.coaching import drawing, planning
from kcc.coaching.model import Draw
from kcc.recordings import erasure
from kcc.scheduler import alarms
from kcc.scheduler.model import Alarm
from kcc.sections import Server
from kcc.stores import Stores
from tests.centre import Centre
from tests.conftest import Client
from tests.post import Post, mail_to, with_settings

As = Callable[[str], Client]
TERM, HOUR, SECOND = timedelta(days=28), timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
def mailing(stores: Stores, post: Post) -> Stores:
    return with_settings(stores, mail=mail_to(post, "a@example.org"))


@pytest.fixture
def overdue(centre: Centre, now: Frozen) -> None:
    """Two calls more than an hour past their date, which no job has erased."""
    centre.calls(2)
    now.move(TERM + HOUR)


def names(stores: Stores) -> list[str]:
    with stores.database.read() as session:
        return list(session.scalars(select(Alarm.name)))


@pytest.mark.rule("RET-1")
def test_an_hour_past_the_date_is_an_alarm_and_not_before(
    centre: Centre, stores: Stores, now: Frozen
) -> None:
    centre.call(start=clock.now())
    now.move(TERM + HOUR - SECOND)
    assert alarms.check(stores) == []
    now.move(SECOND)
    (alarm,) = alarms.check(stores)
    assert (alarm.name, alarm.count, alarm.since) == ("overdue", 1, clock.now() - HOUR)
    erasure.erase_due(stores, system("erase"))
    assert alarms.check(stores) == []
    assert names(stores) == []


@pytest.mark.usefixtures("overdue")
def test_a_letter_a_day_and_no_more(mailing: Stores, post: Post, now: Frozen) -> None:
    for _ in range(3):
        alarms.check(mailing)
        now.move(timedelta(hours=5))
    assert len(post.letters) == 1
    assert "2 opnamen zijn meer dan een uur voorbij hun wisdatum" in post.letters[0]
    assert "To: a@example.org" in post.letters[0]
    now.move(timedelta(hours=9))
    alarms.check(mailing)
    assert len(post.letters) == 2


@pytest.mark.usefixtures("overdue")
def test_many_that_watch_send_one_letter(mailing: Stores, post: Post) -> None:
    alarms.check(mailing)
    with mailing.database.write() as session:
        session.get_one(Alarm, "overdue").mailed_at = None
    threads = [threading.Thread(target=alarms.check, args=[mailing]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(post.letters) == 2


@pytest.mark.usefixtures("overdue")
def test_a_letter_that_cannot_be_sent_is_tried_again(mailing: Stores, post: Post, now: Frozen) -> None:
    away = with_settings(mailing, mail=mailing.settings.mail.model_copy(update={"port": 1}))
    alarms.check(away)
    alarms.check(mailing)
    assert post.letters == []
    now.move(alarms.TRY_AGAIN_AFTER)
    alarms.check(mailing)
    assert len(post.letters) == 1


@pytest.mark.usefixtures("overdue")
def test_the_web_alone_notices(mailing: Stores, post: Post) -> None:
    """A thread of the web process looks, where no scheduler runs."""
    watch = alarms.Watch(mailing, every=0.05)
    watch.start()
    for _ in range(200):
        if post.letters:
            break
        threading.Event().wait(0.05)
    watch.stop()
    assert len(post.letters) == 1


@pytest.mark.usefixtures("overdue")
def test_the_status_page_says_it(centre: Centre, browser_as: As) -> None:
    page = browser_as(centre.administrator).get("/status").text
    assert "2 opnamen zijn meer dan een uur voorbij hun wisdatum en bestaan nog." in page


# Metrics


@pytest.mark.usefixtures("overdue")
def test_metrics_are_counts_about_nobody(client: Client) -> None:
    answer = client.get("/metrics")
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    assert 'kcc_alarm{alarm="overdue"} 2.0' in lines
    assert 'kcc_alarm{alarm="clock"} 0.0' in lines
    assert 'kcc_recordings{state="live"} 2.0' in lines
    assert "Jansen" not in answer.text


@pytest.mark.rule("ACC-4")
@pytest.mark.parametrize(
    "strange",
    [
        {"environ_base": {"REMOTE_ADDR": "10.0.0.8"}},
        {"headers": {"X-Forwarded-For": "10.0.0.8"}},
        {"headers": {"Host": "kcc.example.org"}},
    ],
)
def test_from_elsewhere_there_are_no_metrics(client: Client, strange: dict[str, object]) -> None:
    assert client.get("/metrics", **strange).status_code == 404


def test_behind_a_proxy_the_token_is_needed(stores: Stores, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("a long random word\n")
    server = Server(
        public_url="https://kcc.example.org",
        metrics_token_file=token,
        secret_key_file=stores.settings.server.secret_key_file,
    )
    app: Flask = create_app(with_settings(stores, server=server))
    asked = app.test_client()
    assert asked.get("/metrics").status_code == 404
    for shown, status in (("Bearer a long random word", 200), ("Bearer another", 404), ("Bearer ", 404)):
        assert asked.get("/metrics", headers={"Authorization": shown}).status_code == status


@pytest.mark.rule("SAM-3")
@pytest.mark.usefixtures("centre")
def test_a_draw_that_is_gone_is_an_alarm(stores: Stores, now: Frozen) -> None:
    """Whichever went, the last one too, whose number alone would tell nothing; none while all are there."""
    with stores.database.write() as session:
        planning.propose(session, system("announce"), clock.today(), stores.settings)
    now.move(timedelta(days=13))
    drawing.run(stores, clock.today())
    with stores.database.read() as session:
        assert [alarm.name for alarm in alarms.standing(session)] == []
    for count, number in ((1, 3), (2, 1)):
        with stores.database.write() as session:
            session.execute(delete(Draw).where(Draw.number == number))
        with stores.database.read() as session:
            (alarm,) = alarms.standing(session)
        assert (alarm.name, alarm.count) == ("draws_missing", count)
        assert str(count) in alarms.sentence(alarm, "nl")
