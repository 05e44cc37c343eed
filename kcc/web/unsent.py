"""The key under which a browser keeps what was typed and could not be sent; the keeping is its script's.

A computer may be shared, and a browser writes what a window remembers to its disk in the clear. So the script
seals it, and the key comes with the page: whoever does not get the page as this person cannot read it.
"""

import base64
import hashlib
import hmac


def key(secret: bytes, person_id: str, thing_id: str) -> str:
    """32 bytes in base64, the same for a person and a thing as long as the house's secret stays."""
    said = f"kcc unsent v1\0{person_id}\0{thing_id}".encode()
    return base64.b64encode(hmac.digest(secret, said, hashlib.sha256)).decode()
