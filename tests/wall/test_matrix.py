"""The whole application behind the second wall: at every route whoever may is answered as without it, and
so is one who may not.
"""

import pytest

from tests.access import test_matrix as promised
from tests.access.test_matrix import EVERYBODY, ROWS, Matrix, refused_as

matrix = promised.matrix
"""Its fixture, on the application behind the wall."""


@pytest.mark.rule("ACC-1")
@pytest.mark.in_part("test_everybody")
def test_everybody_is_answered_as_was_promised(matrix: Matrix) -> None:
    """Rows in their order, as some change things; of those who may not one a row, each in turn."""
    wrong, strangers = [], sorted(EVERYBODY)
    for number, (method, endpoint, thing, who, status) in enumerate(ROWS):
        may_not = [name for name in strangers if name not in who]
        for name in [*may_not[number % max(1, len(may_not)) :][:1], *sorted(who)]:
            answer = matrix.ask(name, method, endpoint, thing)
            expected = status if name in who else refused_as(name, method, endpoint)
            if answer.status_code != expected:
                wrong.append(f"{name} {method} {endpoint} {thing}: {answer.status_code}, not {expected}")
    assert wrong == []
