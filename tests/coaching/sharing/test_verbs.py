"""Consents, blind scoring and trainings as verbs: who may, in which order, twice, at once, too late."""

from datetime import timedelta

import pytest

from kcc.coaching.assessment import ChangedElsewhere
from kcc.coaching.calibration import comparing, convening, interpretations, listening, reading, scoring
from kcc.coaching.consents import answering, ending
from kcc.coaching.draft import Incomplete
from kcc.errors import AccessDenied, Invalid, NotFound, Refused
from tests.coaching.sharing.conftest import LAST, YES, Sharing


@pytest.mark.rule("CAL-1", "CAL-3")
def test_several_score_alone_and_then_compare(sharing: Sharing) -> None:
    """Nobody scores before the employee said yes; nobody sees a sheet before all have finished."""
    held = sharing.session()
    with pytest.raises(AccessDenied) as refused:
        sharing.write(scoring.save, "third", held, 0, YES, keyed=True)
    assert refused.value.rule == "CAL-1"
    sharing.yes()
    assert sharing.scored(held, "third", answer_5="no") is False
    for who in ("coach", "other_coach", "third"):
        seen = sharing.write(reading.read, who, held, keyed=True)
        assert seen.compared is None, who
        assert seen.employee == ("Anna Jansen" if who == "coach" else None)
    with pytest.raises(AccessDenied):
        sharing.write(scoring.save, "third", held, 1, {"answer-5": "yes"}, keyed=True)
    assert sharing.scored(held, "other_coach", answer_5="yes", remark_5="Hij vraagt door.") is True
    seen = sharing.write(reading.read, "third", held, keyed=True)
    assert seen.compared.agreement.raters == 2
    five = next(one for one in seen.compared.agreement.spreads if one.item == 5)
    assert dict(five.counts) == {"yes": 1, "no": 1, "na": 0}
    assert seen.compared.remarks[5] == ["Hij vraagt door."]


@pytest.mark.rule("CAL-1")
def test_asked_once_and_never_again_after_a_no(sharing: Sharing) -> None:
    """By anybody; the employee alone may think better of it."""
    sharing.session()
    sharing.no()
    assert sharing.state() == "refused"
    with pytest.raises(Refused) as again:
        sharing.session()
    assert again.value.code == "asked_before"
    sharing.yes()
    assert sharing.state() == "given"
    sharing.no()
    assert sharing.state() == "withdrawn"
    sharing.no()
    assert sharing.state() == "withdrawn"


@pytest.mark.rule("CAL-1", "ACC-2")
def test_an_employee_offers_a_call_and_their_coach_alone_takes_it_up(sharing: Sharing) -> None:
    """Offered unasked; another coach reaches nothing of it."""
    sharing.yes()
    with sharing.month.stores.database.read() as session:
        consent = next(iter(answering.queries.of_recording(session, sharing.recording).values())).id
    two = [sharing.id("other_coach"), sharing.id("third")]
    with pytest.raises(AccessDenied):
        sharing.write(convening.convene, "other_coach", consent, two, LAST)
    sharing.write(convening.convene, "coach", consent, two, LAST)
    with pytest.raises(Refused) as twice:
        sharing.write(convening.convene, "coach", consent, two, LAST)
    assert twice.value.code == "session_held"
    with pytest.raises(Refused):
        sharing.session()


@pytest.mark.rule("CAL-1", "RET-4")
def test_taking_it_back_ends_the_session_and_its_sheets(sharing: Sharing) -> None:
    """Access at once, the sheets with the sweep, and yes again brings nothing back."""
    held = sharing.session()
    sharing.yes()
    sharing.scored(held, "third")
    sharing.no()
    with pytest.raises(AccessDenied):
        sharing.write(listening.open_session, "third", held, 5)
    assert ending.sweep(sharing.month.stores).sessions == 1
    assert sharing.sheets() == 0
    sharing.yes()
    with pytest.raises(AccessDenied):
        sharing.write(reading.read, "third", held, keyed=True)
    assert ending.sweep(sharing.month.stores).sessions == 0


@pytest.mark.rule("CAL-3")
def test_the_facilitator_compares_early_with_those_who_have_finished(sharing: Sharing) -> None:
    """At least two; what the third began is never seen and counts for nothing."""
    held = sharing.session("coach", "other_coach", "third")
    sharing.yes()
    sharing.scored(held, "other_coach")
    with pytest.raises(Refused) as few:
        sharing.write(comparing.early, "coach", held)
    assert few.value.code == "too_few"
    sharing.write(scoring.save, "third", held, 0, {"answer-3": "no", "remark-3": "?"}, keyed=True)
    sharing.scored(held, "coach")
    with pytest.raises(AccessDenied):
        sharing.write(comparing.early, "other_coach", held)
    sharing.write(comparing.early, "coach", held)
    late = sharing.write(reading.read, "third", held, keyed=True)
    assert (late.compared, late.left_out) == (None, True), "who had not finished sees nobody's form"
    seen = sharing.write(reading.read, "other_coach", held, keyed=True)
    assert (seen.compared.agreement.raters, seen.left_out) == (2, False)
    assert not any(seen.compared.remarks.values())
    assert seen.compared.agreement.verdict == "alike"
    with pytest.raises(AccessDenied):
        sharing.write(scoring.finish, "third", held, 1, keyed=True)


@pytest.mark.rule("CAL-3")
def test_a_sheet_keeps_what_another_window_wrote(sharing: Sharing) -> None:
    """Its revision, its own fields, and no gap in it when it is finished."""
    held = sharing.session()
    sharing.yes()
    sharing.write(scoring.save, "third", held, 0, {"answer-3": "no"}, keyed=True)
    with pytest.raises(ChangedElsewhere) as other:
        sharing.write(scoring.save, "third", held, 0, {"answer-3": "yes"}, keyed=True)
    assert other.value.kept == {"answer-3": "no"}
    for field in ("finding-well", "point-1", "answer-1", "answer-99"):
        with pytest.raises(Invalid):
            sharing.write(scoring.save, "third", held, 1, {field: "yes"}, keyed=True)
    with pytest.raises(Incomplete) as gaps:
        sharing.write(scoring.finish, "third", held, 1, keyed=True)
    assert gaps.value.items[0] == 4


@pytest.mark.rule("CAL-3")
@pytest.mark.parametrize("scorers", [("third",), ("third", "third"), ("third", "anna"), ("third", "lead")])
def test_a_session_takes_two_coaches_at_least(sharing: Sharing, scorers: tuple[str, ...]) -> None:
    """And coaches alone; what is wrong asks nobody anything."""
    with pytest.raises(Invalid):
        sharing.session(*scorers)
    assert sharing.state() == "None"


@pytest.mark.rule("RET-4")
def test_a_session_ends_before_the_recording_does(sharing: Sharing) -> None:
    """Not yesterday, and not after its deadline."""
    for day in (LAST - timedelta(days=8), LAST + timedelta(days=30), None):
        with pytest.raises(Invalid):
            sharing.write(convening.ask, "coach", sharing.sample, [sharing.third], day)


@pytest.mark.rule("CAL-3")
def test_what_was_agreed_is_kept_without_the_call(sharing: Sharing) -> None:
    """No name of the employee and no number, only once the forms lie open; the newest text counts."""
    held = sharing.session()
    sharing.yes()
    with pytest.raises(Refused):
        sharing.write(interpretations.agree, "coach", held, 5, ("Twee open vragen.", ""))
    sharing.scored(held, "third")
    sharing.scored(held, "other_coach")
    betraying = ("Zoals Anna deed.", "Bel 0201234567.", "Zoals op 3 maart.", "Om 14:05 zei ze het.")
    for text in (*betraying, "Mevrouw Jansen belde.", "", "x" * 2001):
        with pytest.raises(Invalid):
            sharing.write(interpretations.agree, "coach", held, 5, (text, ""))
    with pytest.raises(Invalid):
        sharing.write(interpretations.agree, "coach", held, 99, ("Twee.", ""))
    with pytest.raises(AccessDenied):
        sharing.write(interpretations.agree, "third", held, 5, ("Twee open vragen.", ""))
    sharing.write(interpretations.agree, "coach", held, 5, ("Eén open vraag.", ""))
    sharing.month.now.move(timedelta(minutes=1))
    sharing.write(interpretations.agree, "coach", held, 5, ("Twee open vragen.", "Two open questions."))
    sharing.write(comparing.end, "coach", held)
    ending.sweep(sharing.month.stores)
    with sharing.month.stores.database.read() as session:
        assert reading.queries.agreed(session, 1)[5].en == "Two open questions."
    with pytest.raises(AccessDenied):
        sharing.write(reading.read, "coach", held, keyed=True)
    with pytest.raises(NotFound):
        sharing.write(reading.read, "coach", "0" * 32, keyed=True)
