"""Giving up, for good, all that a decoder does not need: files, network, processes, memory without end.

Runs inside the decoder's process and knows the standard library alone: nothing of kcc is within its reach.
"""

import ctypes
import os
import resource
import signal
from contextlib import suppress

_NO_NEW_PRIVILEGES, _PARENT_DEATH, _DUMPABLE = 38, 1, 4
_CREATE_RULESET, _RESTRICT_SELF = 444, 446
"""Landlock's system calls: the same numbers on every architecture."""
_NAMESPACES = 0x10000000 | 0x40000000 | 0x08000000 | 0x00020000 | 0x04000000  # user, net, ipc, mount, uts
_FILE_RIGHTS = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF}
_ALL_FILE_RIGHTS = 0xFFFF
_NETWORK_RIGHTS = 0x3
NOBODY = 65534


def confine(memory_mb: int, cpu_seconds: int) -> list[str]:
    """Give up everything but the open descriptors 0, 1 and 2; names what the kernel granted beyond limits.

    Whatever is refused here is missing from the answer; whether enough holds is tried by the self-test.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PARENT_DEATH, signal.SIGKILL, 0, 0, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CPU, cpu_seconds)
    if os.geteuid() == 0:
        _become_nobody()
    granted = ["namespaces"] if libc.unshare(_NAMESPACES) == 0 else []
    with suppress(OSError):
        os.chroot("/proc/self/fdinfo")  # a folder in which nobody can make anything
        os.chdir("/")
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    libc.prctl(_DUMPABLE, 0, 0, 0, 0)
    if _landlock(libc):
        granted.append("landlock")
    _limit(resource.RLIMIT_AS, memory_mb * 1024 * 1024)
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_NOFILE, 3)  # 0, 1 and 2 are taken: no file and no socket can be opened any more
    _drop_capabilities(libc)
    return granted


def _limit(which: int, most: int) -> None:
    _, hard = resource.getrlimit(which)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (most, most))


def _become_nobody() -> None:
    """The superuser is bound by no count of processes."""
    with suppress(OSError):
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


def _landlock(libc: ctypes.CDLL) -> bool:
    """Refuse everything that names a path or a port, also what needs no descriptor, such as removing."""
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    rights = [_FILE_RIGHTS.get(version, _ALL_FILE_RIGHTS)] + ([_NETWORK_RIGHTS] if version >= 4 else [])
    attributes = (ctypes.c_uint64 * len(rights))(*rights)
    ruleset = libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(8 * len(rights)), 0)
    if ruleset < 0:
        return False
    bound = bool(libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    os.close(ruleset)
    return bound


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    libc.capset(header, (ctypes.c_uint32 * 6)())
