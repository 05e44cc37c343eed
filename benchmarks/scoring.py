"""The scoring page while 200 coaches work: each listens, saves every ten seconds, opens a page once a minute.

Listening is what the player asks while it plays (is the lease still good?); ranges of sound are playback's.
"""

import http.client
import json
import random
import re
import statistics
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks.house import house
from benchmarks.playback import running
from benchmarks.ratio import report
from kcc import clock
from kcc.coaching.model import Draw, SampledCall, SeedChain, SelectionDate, SlotAllowance
from kcc.db import new_id
from kcc.people import sessions
from kcc.people.model import AgentId, CoachAssignment, FunctionPeriod, Person
from kcc.recordings.model import Recording
from tests import postgres
from tests.centre import BEGAN, Centre
from tests.ports import free_port

COACHES, SECONDS, WARM = 200, 30, 5
TICK, SAVE_EVERY, OPEN_EVERY = 1.0, 10, 60
BUDGET_MS = 50.0
"""What a page may take (95th percentile); a save is waited for by nobody, yet may not take longer."""


class Coach(threading.Thread):
    """One coach at work over one connection, as the page's scripts would be."""

    def __init__(self, port: int, secret: str, sample_id: str, until: float) -> None:
        super().__init__(daemon=True)
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies = {"kcc": secret}
        self.path, self.until = f"/samples/{sample_id}", until
        self.took: dict[str, list[float]] = {"page": [], "save": [], "state": []}
        self.faults: list[str] = []
        self.revision, self.chance = 0, random.Random(sample_id)  # noqa: S311 - a pace, no secret

    def run(self) -> None:
        """Begin somewhere within a minute's work, and go on until the end."""
        try:
            self.page()
            self._listen()
            tick = self.chance.randrange(OPEN_EVERY)
            time.sleep(self.chance.random() * TICK)
            while time.monotonic() < self.until:
                self._work(tick := tick + 1)
        except (OSError, http.client.HTTPException, KeyError, AttributeError) as fault:
            self.faults.append(repr(fault))

    def _work(self, tick: int) -> None:
        begin = time.monotonic()
        if tick % OPEN_EVERY == 0:
            self.timed("page", self.page)
        elif tick % SAVE_EVERY == 0:
            self.timed("save", self.save)
        elif tick % (2 * SAVE_EVERY) < SAVE_EVERY:  # half of the time the call plays
            self.timed("state", self._state)
        time.sleep(max(0.0, TICK - (time.monotonic() - begin)))

    def timed(self, what: str, act: Callable[[], None]) -> None:
        """Do something and note how many milliseconds it took."""
        begin = time.perf_counter()
        act()
        self.took[what].append((time.perf_counter() - begin) * 1000)

    def page(self) -> None:
        """Open the page."""
        page = self._ask("GET", self.path).decode()
        self.token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]  # type: ignore[index]
        self.revision = int(re.search(r'name="revision" value="(\d+)"', page)[1])  # type: ignore[index]

    def _listen(self) -> None:
        told = self._ask("POST", f"{self.path}/listen", b"", {"X-CSRFToken": self.token})
        self.state = json.loads(told)["state_url"]

    def _state(self) -> None:
        self._ask("GET", self.state)

    def save(self) -> None:
        """Save an answer and some words, as the page does while somebody types."""
        changes = {
            f"answer-{self.chance.randrange(3, 24)}": self.chance.choice(("yes", "no", "na")),
            "finding-well": "De opening was rustig. " * self.chance.randrange(1, 20),
        }
        body = json.dumps({"revision": self.revision, "changes": changes}).encode()
        headers = {"Content-Type": "application/json", "X-CSRFToken": self.token}
        told = json.loads(self._ask("POST", f"{self.path}/autosave", body, headers))
        self.revision = told["revision"]

    def _ask(
        self, verb: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> bytes:
        said = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"Cookie": said, "Accept": "application/json" if body is not None else "text/html"}
        self.connection.request(verb, path, body, sent | (headers or {}))
        answer = self.connection.getresponse()
        content = answer.read()
        for cookie in answer.msg.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        if answer.status == 303:
            return self._ask("GET", answer.headers["Location"], None, {"Accept": "application/json"})
        if answer.status not in (200, 204):
            raise http.client.HTTPException(f"{verb} {path}: {answer.status}")
        return content


def main() -> bool:
    """Measure on both engines and print; whether all targets are kept."""
    kept = measure("SQLite", "")
    with postgres.server() as server, postgres.database(server) as url:
        return measure("PostgreSQL", f'[database]\nurl = "{url}"\n') and kept


def measure(engine: str, settings: str) -> bool:
    """One coach alone, then all of them; both in the same run on the same server."""
    port = free_port()
    server = f"{settings}[server]\nport = {port}\nrequests_per_minute = 1_000_000\n"
    with house(server) as (centre, file):
        desks = furnished(centre)
        with running(
            [sys.executable, "-m", "kcc", "--config", str(file), "serve"], f"http://127.0.0.1:{port}/"
        ):
            alone = worked(port, desks[:1], WARM, OPEN_EVERY)
            together = worked(port, desks, SECONDS)
    return told(engine, alone, together)


def furnished(centre: Centre) -> list[tuple[str, str]]:
    """So many coaches, each with an employee and a drawn call that has its sound: session and drawn call."""
    now = clock.now()
    with centre.stores.database.write() as session:
        chain = SeedChain(id=new_id(), published_end=bytes(32), length=1, used=1, created_at=now)
        team = session.scalars(select(FunctionPeriod.team_id).where(FunctionPeriod.person_id == centre.anna))
        session.add(chain)
        red = team.one()
    return [_desk(centre, number, red, chain.id) for number in range(1, COACHES + 1)]


def _desk(centre: Centre, number: int, team_id: str | None, chain_id: str) -> tuple[str, str]:
    coach, employee = new_id(), new_id()
    with centre.stores.database.write() as session:
        for id_, code in ((coach, "c"), (employee, "m")):
            session.add(Person(id=id_, number=f"{code}{number}", name=f"{code} {number}", language="nl"))
        session.flush()
        post = FunctionPeriod(person_id=coach, function="coach", begins=BEGAN, customer_calls=False)
        work = FunctionPeriod(person_id=employee, function="employee", begins=BEGAN, customer_calls=True)
        work.team_id = team_id
        session.add_all([post, work, AgentId(person_id=employee, agent_id=f"agent-m{number}", begins=BEGAN)])
        session.add(CoachAssignment(coach_id=coach, employee_id=employee, begins=BEGAN))
    centre.call(f"m{number}", clock.now() - timedelta(hours=1), seconds=20)
    with centre.stores.database.write() as session:
        call = session.scalars(select(Recording.id).where(Recording.employee_id == employee)).one()
        sample = _drawn(session, employee, call, number, chain_id)
        return sessions.begin(session, coach), sample


def _drawn(session: Session, employee: str, call: str, number: int, chain_id: str) -> str:
    month, now = clock.today().replace(day=1), clock.now()
    of = {"employee_id": employee, "month": month}
    selection = SelectionDate(id=new_id(), day=clock.today(), announced_at=now, state="drawn", **of)
    session.add_all([selection, SlotAllowance(slot=1, **of)])
    session.flush()
    draw = Draw(number=number, selection_id=selection.id, employee_id=employee, rule_version="1", pool_size=1)
    draw.pool_root, draw.committed_at, draw.drawn_at = bytes(32), now, now
    draw.chain_id, draw.chain_index = chain_id, number
    session.add(draw)
    session.flush()
    sample = SampledCall(id=new_id(), draw_number=number, recording_id=call, slot=1, **of)
    sample.ticket, sample.drawn_at = bytes(32), now
    session.add(sample)
    session.flush()
    return sample.id


def worked(port: int, desks: list[tuple[str, str]], seconds: float, pages: int = 0) -> list[Coach]:
    """Let them work side by side; `pages` more are opened one after another, for a coach alone."""
    until = time.monotonic() + seconds
    coaches = [Coach(port, secret, sample, until) for secret, sample in desks]
    for coach in coaches:
        coach.start()
    for coach in coaches:
        coach.join()
    for coach in coaches:
        for _ in range(0 if coach.faults else pages):
            coach.timed("page", coach.page)
            coach.timed("save", coach.save)
    return coaches


def told(engine: str, alone: list[Coach], together: list[Coach]) -> bool:
    """Print each claim; a single fault misses them all."""
    faults = [fault for coach in (*alone, *together) for fault in coach.faults]
    if faults:
        print(f"MISSED  scoring on {engine}: {len(faults)} faults, the first {faults[0]}")
        return False
    kept = True
    for what, words in (("page", "opening the scoring page"), ("save", "saving")):
        one, all_ = _of(alone, what), _of(together, what)
        p95 = statistics.quantiles(all_, n=20)[-1]
        detail = f"median {statistics.median(all_):.0f} ms, p95 {p95:.0f} ms of {len(all_)};"
        detail += f" one coach alone {statistics.median(one):.0f} ms"
        claim = f"{words} beside {COACHES} coaches on {engine}, p95 against {BUDGET_MS:.0f} ms"
        kept = report(claim, p95 / BUDGET_MS, 1.0, at_least=False, detail=detail) and kept
    return kept


def _of(coaches: list[Coach], what: str) -> list[float]:
    return [took for coach in coaches for took in coach.took[what]]


if __name__ == "__main__":
    sys.exit(not main())
