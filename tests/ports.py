"""Ports on the loopback for the tests' own servers; the servers live elsewhere."""

import random
import socket

_BELOW_CONNECTIONS = (12_000, 22_000)
"""Systems give connections a port from 32,768 up, so a port from here is still free when a server that was
killed comes back, and is so with GRPC added."""
GRPC = 10_000
"""What the S3 server adds to each of its ports for its own use."""


def free_ports(count: int) -> list[int]:
    """As many ports as asked for: nobody listens on them, nor on them plus GRPC."""
    found: list[int] = []
    choice = random.SystemRandom()
    while len(found) < count:
        port = choice.randrange(*_BELOW_CONNECTIONS)
        if port not in found and _free(port) and _free(port + GRPC):
            found.append(port)
    return found


def free_port() -> int:
    """A port nobody listens on."""
    return free_ports(1)[0]


def _free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
