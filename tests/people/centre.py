"""A small centre that an import file describes: one person per profile, all of one department."""

from pathlib import Path

from sqlalchemy import select

from kcc.access import actor
from kcc.people import directory, signin
from kcc.people.model import Person
from kcc.stores import Stores

CENTRE = """
[[departments]]
code = "permits"
name = "Vergunningen"

[[teams]]
code = "red"
name = "Team Rood"
department = "permits"

[[teams]]
code = "blue"
name = "Team Blauw"
department = "permits"

[[people]]
number = "1001"
name = "Anna de Vries"
email = "anna@example.org"
[[people.functions]]
function = "employee"
team = "red"
customer_calls = true
begins = 2026-01-01
[[people.agent_ids]]
agent_id = "4101"
begins = 2026-01-01

[[people]]
number = "2001"
name = "Coen Bakker"
language = "en"
[[people.functions]]
function = "coach"
department = "permits"
begins = 2026-01-01

[[people]]
number = "3001"
name = "Lia Mulder"
[[people.functions]]
function = "team_lead"
team = "red"
begins = 2026-01-01

[[people]]
number = "9001"
name = "Ada Beheer"
[[people.functions]]
function = "administrator"
begins = 2026-01-01

[[coach_assignments]]
coach = "2001"
employee = "1001"
begins = 2026-02-01
"""
PASSWORD = "vier losse woorden samen"
KEY = b"a key of thirty-two bytes, more or"


class Centre:
    """A small centre in a real database: one person per profile, by number."""

    def __init__(self, stores: Stores, folder: Path) -> None:
        self.stores, self.folder = stores, folder
        self.add(CENTRE)

    def add(self, toml: str) -> directory.Summary:
        """Import more."""
        path = self.folder / "more.toml"
        path.write_text(toml)
        with self.stores.database.write() as session:
            return directory.import_file(session, actor.system("people import"), path)

    def id(self, number: str) -> str:
        """The id of the person with this number."""
        with self.stores.database.read() as session:
            return session.scalars(select(Person.id).where(Person.number == number)).one()

    def give_password(self, number: str, password: str = PASSWORD) -> None:
        """Give somebody a password, as the host's command line does."""
        person_id = self.id(number)
        with self.stores.database.write() as session:
            signin.set_password(session, actor.system("password"), person_id, password, min_length=15)
