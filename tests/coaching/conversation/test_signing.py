"""Writing and signing: nobody overwrites the other unseen, and what is signed is exactly what was seen."""

import pytest
from sqlalchemy import func, select, text

from kcc.coaching.conversation import signing, texts, writing
from kcc.coaching.conversation.model import ReportSignature, SignedVersion
from kcc.coaching.conversation.rules import Side, Standing
from kcc.errors import AccessDenied, Invalid, Refused
from tests.coaching.conversation.conftest import SAID, VIEWS, Table
from tests.coaching.conversation.test_appointments import stands, told


@pytest.mark.rule("REP-3")
def test_a_view_is_its_writers_until_it_is_shared(table: Table) -> None:
    """The other reads nothing of it before; then exactly that; and is told once."""
    table.view(table.anna, VIEWS["employee"], share=False)
    assert table.read(table.anna).mine.text == VIEWS["employee"]
    assert table.read(table.coach).whole.employee_view == ""
    table.view(table.anna, VIEWS["employee"], 1)
    assert table.read(table.coach).whole.employee_view == VIEWS["employee"]
    table.view(table.anna, VIEWS["employee"] + " En lang.", 2, share=False)
    assert table.read(table.coach).whole.employee_view.endswith("En lang.")
    assert told(table, table.coach.person_id) == ["reports.view_shared"]
    with pytest.raises(Invalid):
        table.view(table.anna, " ", 3)
    with pytest.raises(AccessDenied):
        table.view(table.month.centre.actor(table.month.centre.bob), "Van Bob")


@pytest.mark.rule("REP-3")
def test_nobody_overwrites_the_other_unseen(table: Table) -> None:
    """Who saves against an older revision is shown what stands there now, and nothing is lost."""
    table.write(table.coach)
    with pytest.raises(writing.TextChanged) as stale:
        table.write(table.anna, 0, conclusions="Iets heel anders.")
    assert stale.value.revision == 1
    assert texts.load(stale.value.kept).conclusions == SAID["conclusions"]
    table.write(table.anna, 1, conclusions="Samen anders.")
    assert table.read(table.coach).whole.text.conclusions == "Samen anders."
    with pytest.raises(writing.TextChanged):
        table.view(table.anna, "tweede venster", 7)
    assert table.write(table.coach, 2, conclusions="Samen anders.").revision == 2, "nothing new is no save"


def test_texts_that_cannot_be(table: Table) -> None:
    """Too long, half a surrogate, an unknown point: each names its field, and nothing is kept."""
    for field, said in (
        ("conclusions", {"conclusions": "x" * 4001}),
        ("agreements", {"agreements": "\ud800"}),
        ("point-2", {"point_2": "x" * 1001}),
    ):
        with pytest.raises(Invalid) as wrong:
            table.write(table.coach, **said)
        assert wrong.value.field == field
    with pytest.raises(Invalid):
        table.write(table.coach, closed=["0" * 32])
    assert table.read(table.coach).suggested


@pytest.mark.rule("REP-3")
def test_both_sign_exactly_the_same_text(table: Table) -> None:
    """Person, instant and one digest; signing twice is once; the text under it can be read back."""
    table.write_all()
    assert not table.sign(table.coach)
    assert not table.sign(table.coach)
    assert stands(table) is Standing.SIGNED_BY_COACH
    assert table.sign(table.anna)
    assert stands(table) is Standing.SIGNED
    with table.month.stores.database.read() as session:
        rows = {row.side: row for row in session.scalars(select(ReportSignature))}
        version = session.get_one(SignedVersion, (table.report_id, 1))
        assert {row.digest for row in rows.values()} == {version.digest}
        whole = signing.signed_text(table.month.stores.keys.get(table.report_id), version)
    assert rows[Side.COACH].person_id == table.coach.person_id
    assert rows[Side.EMPLOYEE].signed_at == table.month.now.at
    assert (whole.text.conclusions, whole.employee_view) == (SAID["conclusions"], VIEWS["employee"])
    assert told(table, table.anna.person_id) == [
        "reports.signed_first",
        "reports.signed_off",
        "reports.view_shared",
    ]


@pytest.mark.rule("REP-3")
def test_the_second_signature_is_refused_when_the_text_changed(table: Table) -> None:
    """By whoever changed it: the first signature stays with its own text, and counts for no other."""
    table.write_all()
    seen = table.read(table.anna).seen
    table.sign(table.coach)
    table.write(table.coach, 1, conclusions="Toch anders.")
    with pytest.raises(Refused) as refused:
        table.sign(table.anna, seen)
    assert refused.value.code == "changed_elsewhere"
    assert table.read(table.anna).signatures == {}
    assert not table.sign(table.anna), "hers is the first signature under the new text"
    with pytest.raises(Refused):
        table.sign(table.coach, seen)
    assert table.sign(table.coach)
    with table.month.stores.database.read() as session:
        query = select(ReportSignature.version, func.count()).group_by(ReportSignature.version)
        assert {row[0]: row[1] for row in session.execute(query)} == {1: 1, 2: 2}
        versions = select(SignedVersion).order_by(SignedVersion.version)
        key = table.month.stores.keys.get(table.report_id)
        said = [signing.signed_text(key, one).text.conclusions for one in session.scalars(versions)]
    assert said == [SAID["conclusions"], "Toch anders."]


@pytest.mark.rule("REP-3")
def test_nobody_signs_what_is_not_complete(table: Table) -> None:
    """Both views, conclusions and agreements; what is missing is named; an unshared view is missing, too."""
    with pytest.raises(signing.NotComplete) as lacking:
        table.sign(table.coach)
    assert lacking.value.parts == ("employee_view", "coach_view", "conclusions", "agreements")
    table.view(table.coach, VIEWS["coach"])
    table.view(table.anna, VIEWS["employee"], share=False)
    table.write(table.anna, agreements="")
    with pytest.raises(signing.NotComplete) as lacking:
        table.sign(table.coach)
    assert lacking.value.parts == ("employee_view", "agreements")


@pytest.mark.rule("REP-3")
def test_an_edit_after_sign_off_needs_a_reason_and_both_again(table: Table) -> None:
    """What both signed stays readable beside it; the other is told; then both sign the new text."""
    table.sign_off()
    with pytest.raises(Invalid) as wrong:
        table.write(table.anna, 1, agreements="Anna vat twee keer samen.")
    assert wrong.value.field == "reason"
    assert stands(table) is Standing.SIGNED
    table.write(table.anna, 1, agreements="Anna vat twee keer samen.", reason="Er stond een fout.")
    talk = table.read(table.coach)
    assert talk.standing is Standing.CHANGED
    assert talk.before is not None
    assert talk.before.text.text.agreements == SAID["agreements"]
    assert talk.whole.reason == "Er stond een fout."
    assert "reports.text_changed" in told(table, table.coach.person_id)
    assert talk.waits_for_me
    table.sign(table.anna)
    assert table.sign(table.coach)
    after = table.read(table.anna)
    assert [one.version for one in after.signed] == [1, 2]
    assert after.before is None
    assert table.view(table.anna, VIEWS["employee"], 1) is not None
    assert stands(table) is Standing.SIGNED, "saving what stood there changes nothing"


@pytest.mark.rule("REP-5", "RET-8")
def test_nothing_of_it_lies_open_in_the_database(table: Table) -> None:
    """Whatever was written is sealed under the report's key, and a digest tells nobody what it is of."""
    table.propose(where="Bij het raam op twee")
    table.view(table.anna, "Geheime gedachte", share=False)
    table.view(table.anna, VIEWS["employee"], 1)
    table.view(table.coach, VIEWS["coach"])
    table.write(table.coach)
    table.sign(table.coach)
    table.sign(table.anna)
    table.write(table.anna, 1, conclusions="Verbeterd slot", reason="Een verschrijving")
    words = ["raam", "Geheime", "lastig", "geduld", "samen", "liep goed", "Verbeterd", "verschrijving"]
    tables = ("conversation", "conversation_text", "signed_version", "report_signature", "improvement_point")
    with table.month.stores.database.read() as session:
        for name in (*tables, "notice", "audit_line"):
            rows = repr(session.execute(text(f"SELECT * FROM {name}")).all())  # noqa: S608
            assert rows != "[]", name
            assert not [word for word in words if word in rows], name
