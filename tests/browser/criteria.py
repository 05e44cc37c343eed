"""The quality plan of the furnished centre: a version that is coming, a draft after it, and long texts."""

from datetime import timedelta

from sqlalchemy.orm import Session

from kcc import clock
from kcc.access.actor import Actor
from kcc.coaching.criteria import editing, publishing, rules
from kcc.coaching.criteria.rules import ItemValues
from kcc.coaching.criteria.shape import Norm, NotApplicable, Wording

LONG = (
    "De medewerker groet, noemt de eigen voor- en achternaam of de achternaam, en zegt wat die kan doen. "
    "Bij de arbeidsongeschiktheidsverzekeringsadministratie noemt die ook de afdeling.\n"
)


def write(session: Session, coach: Actor, other: Actor) -> None:
    """Publish version 2 as two coaches, to begin in a fortnight, and begin version 3."""
    editing.begin(session, coach)
    form = _draft(session, coach)
    item = form.items[3]
    said = ItemValues(item.name, item.question, Wording((LONG * 9)[:2000].strip(), item.meaning.en))
    editing.change_item(session, coach, 3, rules.stamp(item), said)
    editing.add_phase(session, coach, Wording("Schriftelijke afhandeling", "Written handling"))
    own = ItemValues(
        Wording("bevestiging per mail", "confirmation by mail"),
        Wording("Is de afspraak per mail bevestigd?", "Was the agreement confirmed by mail?"),
        Wording("De mail noemt wie wat doet, en wanneer.", "The mail says who does what, and when."),
        knowledge=True,
    )
    editing.add_item(session, coach, "own-1", own)
    norm = Norm((*form.norm.deciding, 24), (11,), 75, NotApplicable.LEFT_OUT)
    editing.change_norm(session, coach, rules.stamp(form.norm), norm)
    found = editing.read(session, coach)
    assert found is not None
    publishing.propose(session, coach, found.revision, clock.today() + timedelta(days=14), 7)
    publishing.confirm(session, other, found.revision, 7)
    editing.begin(session, other)
    item = _draft(session, other).items[5]
    better = ItemValues(item.name, item.question, Wording("Korter gezegd.", "Said more briefly."))
    editing.change_item(session, other, 5, rules.stamp(item), better)


def _draft(session: Session, actor: Actor) -> editing.Form:
    found = editing.read(session, actor)
    assert found is not None
    return found.form
