"""Giving up, for good, all that a decoder does not need: files, network, processes, memory without end.

Runs inside the decoder's process and knows the standard library alone: nothing of kcc is within its reach.
"""

import ctypes
import errno
import os
import resource
import signal
import struct
from contextlib import suppress

_NO_NEW_PRIVILEGES, _PARENT_DEATH, _DUMPABLE = 38, 1, 4
_CREATE_RULESET, _RESTRICT_SELF = 444, 446
"""Landlock's system calls: the same numbers on every architecture."""
_NAMESPACES = 0x10000000 | 0x40000000 | 0x08000000 | 0x00020000 | 0x04000000  # user, net, ipc, mount, uts
_FILE_RIGHTS = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF}
_ALL_FILE_RIGHTS = 0xFFFF
_NETWORK_RIGHTS = 0x3
NOBODY = 65534
_SECCOMP, _FILTER = 22, 2
_PROCESS_CALLS = {
    "x86_64": (0xC000003E, (56, 57, 58, 59, 322, 435)),
    "aarch64": (0xC00000B7, (220, 221, 281, 435)),
}
"""By machine: the kernel's word for it, and its numbers of clone, fork, execve and their like."""


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
    if _no_processes(libc):
        granted.append("seccomp")
    _limit(resource.RLIMIT_AS, memory_mb * 1024 * 1024)
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_NOFILE, 3)  # 0, 1 and 2 are taken: no file and no socket can be opened any more
    _drop_capabilities(libc)
    libc.prctl(_PARENT_DEATH, signal.SIGKILL, 0, 0, 0)  # once more: a new user or namespace made it void
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


def _no_processes(libc: ctypes.CDLL) -> bool:
    """Have the kernel refuse new processes and programs: a superuser who may not become another user, as in
    a container without capabilities, is bound by no count of them.
    """
    known = _PROCESS_CALLS.get(os.uname().machine)
    if known is None:
        return False
    architecture, calls = known
    refuse, allow = 0x00050000 | errno.EPERM, 0x7FFF0000
    count = len(calls)  # jumps count from the step after: all lead to the last one
    steps = [(0x20, 0, 0, 4), (0x15, 0, count + 3, architecture), (0x20, 0, 0, 0)]
    steps += [(0x35, count + 1, 0, 0x40000000)]  # x32's numbers for the same calls
    steps += [(0x15, count - place, 0, call) for place, call in enumerate(calls)]
    steps += [(0x06, 0, 0, allow), (0x06, 0, 0, refuse)]
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    kept = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("H6xP", len(steps), ctypes.addressof(kept))
    return bool(libc.prctl(_SECCOMP, _FILTER, ctypes.create_string_buffer(program, len(program)), 0, 0) == 0)


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    libc.capset(header, (ctypes.c_uint32 * 6)())
