"""Who asks, in SQL: the conditions of which every table's rights are made, and rights that several share."""

from kcc.wall.rights import Right

ME = "(SELECT kcc_wall.person())"
NOW = "(SELECT kcc_wall.now())"
KNOWN = f"{ME} IS NOT NULL"
EMPLOYEE = "(SELECT kcc_wall.holds('employee'))"
COACHED = "((SELECT kcc_wall.coached())::varchar[])"
COACH = "(SELECT kcc_wall.holds('coach'))"
ADMINISTRATOR = "(SELECT kcc_wall.holds('administrator'))"
OFFICER = "(SELECT kcc_wall.holds('data_protection_officer'))"
OVERSEER = f"({OFFICER} OR (SELECT kcc_wall.holds('works_council')))"


def read(rows: str = KNOWN, columns: str = "") -> Right:
    """Reading the rows that meet a condition, in some columns or all of them."""
    return Right("SELECT", rows, columns)


def kept_by_administrators(*, erased: bool = False) -> tuple[Right, ...]:
    """Everybody signed in may read it; writing it is the administrators'."""
    verbs = ("INSERT", "UPDATE", "DELETE") if erased else ("INSERT", "UPDATE")
    return (read(), *(Right(verb, ADMINISTRATOR) for verb in verbs))
