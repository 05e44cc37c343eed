"""The demo's accounts, one per profile: their passwords are set, and kept beside the demo so that it can
show them again.
"""

import json
import random
from pathlib import Path

from kcc.access.actor import system
from kcc.demo.centre import Centre
from kcc.people import queries as people
from kcc.people import signin
from kcc.stores import Stores

FILE = "accounts.json"
WORDS = (
    "anker", "bakfiets", "citroen", "dakpan", "emmer", "fluitje", "gieter", "hangmat", "iglo", "juffrouw",
    "kachel", "ladder", "molen", "noorden", "olifant", "paraplu", "regenpijp", "schommel", "tulband",
    "vlieger",
)  # fmt: skip


def set_up(stores: Stores, folder: Path, centre: Centre, seed: int) -> None:
    """Give each profile's showcase person a password of four words; the same seed gives the same ones."""
    chance = random.Random(f"passwords/{seed}")
    rows = []
    with stores.database.write() as session:
        for profile, number in centre.showcase():
            password = "-".join(chance.sample(WORDS, 4))
            person = people.by_number(session, number)
            signin.set_password(session, system("demo"), person.id, password, min_length=15)
            rows.append([profile, number, person.name, password])
    (folder / FILE).write_text(json.dumps(rows, ensure_ascii=False, indent=1))


def shown(folder: Path) -> list[list[str]]:
    """Rows of profile, number, name and password."""
    rows: list[list[str]] = json.loads((folder / FILE).read_text())
    return rows
