"""Whether this run is the long one (`make whole`), which asks all that `make test` asks in part."""

import os

WHOLE = os.environ.get("KCC_WHOLE") == "1"
