"""Who the embedded PostgreSQL runs as. It refuses to be root, so root hands it to an unprivileged user."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from server.start_error import StartError

# Best first: a user made for databases, else the one that exists on every Linux.
UNPRIVILEGED_USERS = ("postgres", "pgserver", "nobody")


class NoUnprivilegedUserError(StartError):
    """We are root and this machine has no user to run PostgreSQL as."""

    def __init__(self) -> None:
        super().__init__(
            "PostgreSQL refuses to run as root and this machine has none of the users "
            f"{', '.join(UNPRIVILEGED_USERS)}. Run as a normal user, or set DATABASE_URL."
        )


@dataclass(frozen=True, slots=True)
class Identity:
    """A user a child process changes to before it runs."""

    name: str
    uid: int
    gid: int

    def may_enter(self, directory: Path) -> bool:
        """Whether this user can reach what stands in the directory: it may pass through it and all above it."""
        return all(self._may_pass(step.stat()) for step in (directory, *directory.parents))

    def _may_pass(self, status: os.stat_result) -> bool:
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def identity_for(existing_data: Path) -> Identity | None:
    """The user PostgreSQL must run as, or None for the user we already are.

    Data made by an earlier start stays with its owner, even if a better user exists by now.
    """
    if os.geteuid() != 0:
        return None
    if existing_data.exists() and (owner := existing_data.stat().st_uid) != 0:
        return _identity(pwd.getpwuid(owner))
    for name in UNPRIVILEGED_USERS:
        try:
            return _identity(pwd.getpwnam(name))
        except KeyError:
            continue
    raise NoUnprivilegedUserError


def _identity(entry: pwd.struct_passwd) -> Identity:
    return Identity(entry.pw_name, entry.pw_uid, entry.pw_gid)
