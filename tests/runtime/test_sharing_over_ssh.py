"""A repository behind the ssh server of Debian, with a sealed key. Server and client talk through a pipe."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from penstock.core.errors import Failed
from penstock.core.node import Node
from penstock.runtime import version_control
from penstock.store import remotes
from penstock.testing import a_node, a_project
from tests.runtime.test_version_control import OBJECTS, RAW, bare, describe, said

SERVER = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
ROOM = Path("/run/sshd")
pytestmark = [
    pytest.mark.skipif(not SERVER or not shutil.which("git"), reason="no ssh server or no git here"),
    pytest.mark.skipif(os.geteuid() == 0 and not ROOM.is_dir(), reason=f"a server of root wants {ROOM}"),
]
SETTINGS = """
HostKey {folder}/host
AuthorizedKeysFile {folder}/mine.pub
PidFile none
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
"""


def a_key(place: Path) -> str:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(place)], check=True)
    return place.read_text()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keys and settings of a server that is called `hub`, and of its client."""
    for name in ("host", "mine", "other"):
        a_key(tmp_path / name)
    host = " ".join((tmp_path / "host.pub").read_text().split()[:2])
    (tmp_path / "known").write_text(f"hub {host}\n")
    (tmp_path / "server").write_text(SETTINGS.format(folder=tmp_path))
    (tmp_path / "client").write_text(
        f"UserKnownHostsFile {tmp_path}/known\nGlobalKnownHostsFile none\n"
        f"ProxyCommand {SERVER} -i -f {tmp_path}/server -E {tmp_path}/server.log\n"
    )
    log_in = ["ssh", "-F", tmp_path / "client", "-o", "BatchMode=yes", "-i", tmp_path / "mine", "hub", "true"]
    tried = subprocess.run(log_in, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if tried.returncode:
        pytest.skip(f"an account that may log in over ssh is missing: {tried.stderr}")
    monkeypatch.setattr(remotes, "SSH", f"{remotes.SSH} -F {tmp_path}/client")
    return tmp_path


@pytest.fixture
def node(folder: Path) -> Node:
    made, hub = a_node(folder / "home"), bare(folder / "hub.git")
    a_project(made, OBJECTS)
    for name in ("mine", "other"):
        made.secrets.put(name, (folder / name).read_text())
        (folder / name).unlink()
    address = f"ssh://{getpass.getuser()}@hub{hub}"
    version_control.add_remote(made, "DEMO", address, secret="mine", by="ann")
    version_control.add_remote(made, "DEMO", address, name="refused", secret="other", by="ann")
    return made


def test_a_project_is_pushed_and_pulled_over_ssh_with_a_sealed_key_and_with_no_other(
    node: Node, folder: Path
) -> None:
    assert version_control.push(node, "DEMO", by="ann").remotes[0].ahead == 0
    subprocess.run(["git", "clone", "-q", str(folder / "hub.git"), "work"], cwd=folder, check=True)
    work = folder / "work"
    (work / RAW).write_text((work / RAW).read_text() + "short_description: Over ssh.\n")
    who = ["-c", "user.name=Bob", "-c", "user.email=b@x"]
    subprocess.run(["git", *who, "commit", "-qam", "Describe raw"], cwd=work, check=True)
    subprocess.run(["git", "push", "-q"], cwd=work, check=True)
    describe(node, "dataset", "made", "Ours.")
    assert version_control.pull(node, "DEMO", by="ann").remotes[0].behind == 0
    assert said(node, "raw") == "Over ssh."
    version_control.push(node, "DEMO", by="ann")
    with pytest.raises(Failed, match="Permission denied"):
        version_control.fetch(node, "DEMO", name="refused", by="ann")


def test_a_server_whose_key_is_not_known_is_told_with_what_to_do(node: Node, folder: Path) -> None:
    (folder / "known").write_text("")
    with pytest.raises(Failed, match="Host key verification failed") as failed:
        version_control.fetch(node, "DEMO", by="ann")
    assert "ssh-keyscan" in failed.value.hint
