"""Who somebody was proven to be at the issuer; how that is proven lives in proof."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class Proven:
    """Who signed in at the issuer, and what it says of them."""

    subject: str
    claims: Mapping[str, Any]

    @property
    def amr(self) -> frozenset[str]:
        """The methods by which they did (RFC 8176), as the issuer says."""
        said = self.claims.get("amr")
        return (
            frozenset(word for word in said if isinstance(word, str))
            if isinstance(said, list)
            else frozenset()
        )
