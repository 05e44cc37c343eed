"""The demo's accounts, one per profile: passwords and apps with codes are set, and kept beside the demo to be
shown again.
"""

import json
import random
from dataclasses import asdict, dataclass
from pathlib import Path

from kcc import clock
from kcc.access.actor import system
from kcc.demo.centre import Centre
from kcc.people import queries as people
from kcc.people import signin
from kcc.people.factors import apps
from kcc.stores import Stores

FILE = "accounts.json"
WORDS = (
    "anker", "bakfiets", "citroen", "dakpan", "emmer", "fluitje", "gieter", "hangmat", "iglo", "juffrouw",
    "kachel", "ladder", "molen", "noorden", "olifant", "paraplu", "regenpijp", "schommel", "tulband",
    "vlieger",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Account:
    """How to sign in as one profile; `secret` is what an authenticator app takes, empty before it is set."""

    profile: str
    number: str
    name: str
    password: str
    secret: str = ""


def set_up(stores: Stores, folder: Path, centre: Centre, seed: int) -> None:
    """Give each profile's showcase person a password of four words; the same seed gives the same ones."""
    chance = random.Random(f"passwords/{seed}")
    found = []
    with stores.database.write() as session:
        for profile, number in centre.showcase():
            password = "-".join(chance.sample(WORDS, 4))
            person = people.by_number(session, number)
            signin.set_password(session, system("demo"), person.id, password, min_length=15)
            found.append(Account(profile, number, person.name, password))
    _keep(folder, found)


def enrol(stores: Stores, folder: Path, seed: int) -> None:
    """Give whoever has none an app with codes, also in a demo that an earlier kcc made; by the seed again."""
    found = []
    for account in shown(folder):
        found.append(account if account.secret else _enrolled(stores, account, seed))
        _keep(folder, found + shown(folder)[len(found) :])


def shown(folder: Path) -> list[Account]:
    """The accounts; none in a folder that has no demo with people."""
    path = folder / FILE
    return [Account(*row) for row in json.loads(path.read_text())] if path.exists() else []


def find(folder: Path, word: str) -> Account | None:
    """The account of a profile, or with a personnel number."""
    return next((one for one in shown(folder) if word in (one.profile, one.number)), None)


def _enrolled(stores: Stores, account: Account, seed: int) -> Account:
    chance, limits = random.Random(f"codes/{seed}/{account.number}"), stores.settings.signin
    with stores.database.write() as session:
        person_id = people.by_number(session, account.number).id
        actor = people.actor_of(session, person_id, clock.today())
        offer = apps.offer(limits, person_id, chance.randbytes(apps.SECRET_BYTES))
        code, _ = apps.current_code(offer.secret)
        apps.add(session, limits, actor, offer.ticket, "Demo", code)
    return Account(account.profile, account.number, account.name, account.password, offer.secret)


def _keep(folder: Path, accounts: list[Account]) -> None:
    rows = [list(asdict(one).values()) for one in accounts]
    (folder / FILE).write_text(json.dumps(rows, ensure_ascii=False, indent=1))
