"""The whole application behind the second wall: everybody is answered as without it, at every route."""

from tests.access import test_matrix as promised

matrix = promised.matrix
test_everybody_is_answered_as_was_promised = promised.test_everybody_is_answered_as_was_promised
