"""Giving a second opinion, as its coach does it on pages; the verbs are those of the package around."""
