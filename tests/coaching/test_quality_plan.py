"""The form by version: the annex is the first, what is published stays, and everybody reads it from here."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kcc.coaching import quality_plan
from kcc.coaching.criteria import shape
from kcc.coaching.criteria.model import FormVersion
from kcc.coaching.quality_plan import annex
from kcc.errors import NotFound
from kcc.stores import Stores


@pytest.mark.rule("REP-2", "REP-7")
def test_the_form_is_the_annex() -> None:
    """23 items in seven phases, numbered through; 1 and 2 not observable; 11, 12 and 22 are knowledge."""
    found = annex()
    assert list(found.items) == list(range(1, 24))
    assert [len(phase.items) for phase in found.phases] == [2, 2, 4, 6, 2, 6, 1]
    assert set(found.items) - set(found.observable) == {1, 2}
    assert [n for n, item in found.items.items() if item.knowledge] == [11, 12, 22]


def test_every_item_says_what_it_means_in_both_languages() -> None:
    """Name, question and interpretation, each in Dutch and in English; the last in whole sentences."""
    for item in annex().items.values():
        for said in (item.name, item.question, item.meaning):
            assert said.nl
            assert said.en
            assert said.nl != said.en
            assert (said.read("nl"), said.read("en"), said.read("fr")) == (said.nl, said.en, said.nl)
        assert all(len(said) > 60 and said[-1] in '.?"' for said in (item.meaning.nl, item.meaning.en))
        assert all(said.endswith("?") for said in (item.question.nl, item.question.en))


@pytest.mark.rule("REP-2")
def test_the_database_holds_the_annex_as_version_one(stores: Stores) -> None:
    """To the letter, and in force from before anything else; there is no version that was never made."""
    with stores.database.read() as session:
        assert quality_plan.current(session) == 1
        found = quality_plan.form(session, 1)
        assert found == annex()
        assert session.get_one(FormVersion, 1).body == shape.dump(annex())
        assert shape.load(1, shape.dump(found)) == found
        assert quality_plan.form(session, 1) is found
        assert quality_plan.upcoming(session) == []
        with pytest.raises(NotFound):
            quality_plan.form(session, 99)
        with pytest.raises(NotFound):
            quality_plan.current(session, date(1999, 12, 31))
    with pytest.raises(TypeError):
        annex().items[3] = annex().items[4]  # type: ignore[index]


@pytest.mark.rule("REP-2")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE form_version SET body = '{}' WHERE version = 1",
        "UPDATE form_version SET starts_on = '2030-01-01'",
        "UPDATE form_version SET published_at = NULL",
        "DELETE FROM form_version",
    ],
)
def test_the_database_itself_refuses_to_change_what_is_published(stores: Stores, statement: str) -> None:
    """Also to whoever comes past kcc, with the owner's own rights."""
    with pytest.raises(DBAPIError, match="never"), stores.database.write() as session:
        session.execute(text(statement))
    with stores.database.read() as session:
        assert session.get_one(FormVersion, 1).body == shape.dump(annex())


@pytest.mark.rule("REP-2")
def test_nobody_publishes_alone(stores: Stores) -> None:
    """The database refuses a version that one person put forward and confirmed, or nobody did."""
    insert = (
        "INSERT INTO form_version (version, body, revision, begun_at, saved_at, starts_on, published_at,"
        " proposed_by, proposed_at, confirmed_by) VALUES (2, '{}', 0, '2026-11-03', '2026-11-03',"
        " '2026-12-01', '2026-11-03', %s, '2026-11-03', %s)"
    )
    with stores.database.write() as session:
        session.execute(text("INSERT INTO person (id, number, name, language) VALUES ('p', 'p', 'P', 'nl')"))
    for proposed, confirmed in (("'p'", "'p'"), ("'p'", "NULL"), ("NULL", "'p'"), ("NULL", "NULL")):
        with pytest.raises(DBAPIError), stores.database.write() as session:
            session.execute(text(insert % (proposed, confirmed)))
