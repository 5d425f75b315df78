"""Version control of a project from outside: `penstock.open().project("FLIGHTS").git`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.sdk.items import Part

if TYPE_CHECKING:
    from penstock.core.version_control import VersionStanding


class Git(Part):
    """Branches, and repositories elsewhere that the project is shared through. Only definitions move, never data."""

    def show(self) -> VersionStanding:
        """`.branch`, `.commit`, `.pending` files, `.branches`, `.tags` and `.remotes`, each `.ahead` and `.behind`."""
        found: VersionStanding = self._call("version_control.show")
        return found

    def add_remote(
        self, address: str, *, name: str = "origin", user: str = "", secret: str = ""
    ) -> VersionStanding:
        """Share it with a repository elsewhere: https, ssh, a folder. `secret` names a sealed value: a token of
        https, a private key of ssh."""
        words = {"name": name, "user": user, "secret": secret}
        found: VersionStanding = self._call("version_control.add_remote", address, by=self._user, **words)
        return found

    def remove_remote(self, name: str) -> None:
        """Forget a repository elsewhere; it stays as it is."""
        self._call("version_control.remove_remote", name, by=self._user)

    def fetch(self, name: str = "origin") -> VersionStanding:
        """Ask what is there. No file changes."""
        return self._done("fetch", name=name)

    def push(self, name: str = "origin") -> VersionStanding:
        """Bring the commits of the current branch there. Raises Conflict while it has some that are not here."""
        return self._done("push", name=name)

    def pull(self, name: str = "origin") -> VersionStanding:
        """Bring their commits below ours. Raises Conflict naming files that both changed; then nothing has changed."""
        return self._done("pull", name=name)

    def drop(self, name: str = "") -> VersionStanding:
        """Drop what is not saved; with a name, also every commit that is not there. There is no question."""
        return self._done("drop", name=name)

    def create_branch(self, branch: str, start: str = "") -> VersionStanding:
        """A branch at the last commit, or at a commit, branch, tag or `origin/NAME`."""
        found: VersionStanding = self._call(
            "version_control.create_branch", branch, start=start, by=self._user
        )
        return found

    def switch(self, branch: str) -> VersionStanding:
        """Let the definitions be those of another branch."""
        found: VersionStanding = self._call("version_control.switch", branch, by=self._user)
        return found

    def _done(self, action: str, **words: str) -> VersionStanding:
        found: VersionStanding = self._call(f"version_control.{action}", by=self._user, **words)
        return found
