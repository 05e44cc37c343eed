"""What the matrix needs of planning: a date and an exception of anna's, by the ids that its rows name."""

from datetime import date

from kcc.coaching import exceptions
from kcc.coaching.exceptions import Wanted
from kcc.coaching.planned import dates
from kcc.stores import Stores
from tests.centre import Centre


def plan(stores: Stores, centre: Centre) -> dict[str, str]:
    """Both next month, in which nothing is drawn here."""
    coach = centre.actor(centre.coach)
    with stores.database.write() as session:
        settings = stores.settings
        day, last = date(2026, 12, 10), date(2026, 12, 31)
        set_ = dates.add(session, coach, settings, centre.anna, day, 1)
        wanted = Wanted("induction", "Zij is nieuw.", 5, date(2026, 12, 1), last)
        made = exceptions.make(session, stores.keys, coach, settings, centre.anna, wanted)
    return {
        "coached.anna": centre.anna,
        "coached.bob": centre.bob,
        "coached.carla": centre.carla,
        "own-date.annas": set_.id,
        "date.annas": f"{centre.anna}/{set_.id}",
        "exception.annas": f"{centre.anna}/{made.id}",
    }
