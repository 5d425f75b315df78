"""Sealed values: only with the key, never in the clear on disk, never in a text that was masked."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from penstock.core.errors import Invalid, InvalidName, NotFound, Unsafe
from penstock.store.secrets import FILE, KEY_FILE, MASK, SealedSecrets

PASSWORD = "correct horse/battery"


def test_a_secret_comes_back_and_its_value_lies_in_no_file_of_the_home(tmp_path: Path) -> None:
    SealedSecrets(tmp_path).put("smtp", PASSWORD)
    assert SealedSecrets(tmp_path).get("smtp") == PASSWORD
    assert not any(PASSWORD.encode() in f.read_bytes() for f in tmp_path.rglob("*") if f.is_file())


@pytest.mark.parametrize("file", [FILE, KEY_FILE])
def test_only_the_owner_may_read_the_files(tmp_path: Path, file: str) -> None:
    SealedSecrets(tmp_path).put("smtp", PASSWORD)
    assert stat.S_IMODE((tmp_path / file).stat().st_mode) == 0o600


def test_a_key_of_the_administrator_needs_no_key_file(tmp_path: Path) -> None:
    SealedSecrets(tmp_path, "a long random text").put("smtp", PASSWORD)
    assert not (tmp_path / KEY_FILE).exists()
    assert SealedSecrets(tmp_path, "a long random text").get("smtp") == PASSWORD


def test_another_key_opens_nothing_and_says_what_to_do(tmp_path: Path) -> None:
    SealedSecrets(tmp_path, "a long random text").put("smtp", PASSWORD)
    with pytest.raises(Unsafe, match=r"'smtp' was sealed with another key.*PENSTOCK_SECRET_KEY"):
        SealedSecrets(tmp_path, "another random text").get("smtp")


def test_two_sealed_values_cannot_be_exchanged_in_the_file(tmp_path: Path) -> None:
    sealed = SealedSecrets(tmp_path)
    sealed.put("mine", "one")
    sealed.put("yours", "two")
    content = json.loads((tmp_path / FILE).read_text())
    values = content["values"]
    values["mine"], values["yours"] = values["yours"], values["mine"]
    (tmp_path / FILE).write_text(json.dumps(content))
    with pytest.raises(Unsafe, match="was changed"):
        sealed.get("mine")


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    SealedSecrets(tmp_path).put("smtp", PASSWORD)
    (tmp_path / KEY_FILE).chmod(0o644)
    with pytest.raises(Unsafe, match="chmod 600"):
        SealedSecrets(tmp_path).get("smtp")


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="5 characters"):
        SealedSecrets(tmp_path, "short")


def test_an_unknown_secret_names_the_nearest(tmp_path: Path) -> None:
    sealed = SealedSecrets(tmp_path)
    sealed.put("smtp_password", PASSWORD)
    with pytest.raises(NotFound, match="Did you mean smtp_password"):
        sealed.get("smtp_pasword")


def test_a_deleted_secret_is_gone(tmp_path: Path) -> None:
    sealed = SealedSecrets(tmp_path)
    sealed.put("smtp", PASSWORD)
    sealed.delete("smtp")
    assert sealed.names() == []
    with pytest.raises(NotFound):
        sealed.delete("smtp")


def test_a_name_with_a_slash_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidName):
        SealedSecrets(tmp_path).put("a/b", PASSWORD)


@pytest.mark.parametrize(
    "text",
    [
        f"login with {PASSWORD}",
        "https://user:correct%20horse%2Fbattery@host",
        "AUTH Y29ycmVjdCBob3JzZS9iYXR0ZXJ5",
        'the body was {"p": "correct horse/battery"}',
    ],
)
def test_a_masked_text_shows_no_secret_in_any_of_its_forms(tmp_path: Path, text: str) -> None:
    sealed = SealedSecrets(tmp_path)
    sealed.put("smtp", PASSWORD)
    masked = sealed.mask(text)
    assert MASK in masked
    assert "battery" not in masked
    assert "Y29ycm" not in masked


def test_a_secret_that_another_process_seals_is_masked_at_once(tmp_path: Path) -> None:
    ours, theirs = SealedSecrets(tmp_path), SealedSecrets(tmp_path)
    assert ours.mask("abcdef") == "abcdef"
    theirs.put("token", "abcdef")
    assert ours.mask("abcdef") == MASK


def test_masking_goes_on_without_the_key(tmp_path: Path) -> None:
    SealedSecrets(tmp_path, "a long random text").put("smtp", PASSWORD)
    assert SealedSecrets(tmp_path, "another random text").mask("a line") == "a line"


def test_a_value_too_short_to_look_for_leaves_logs_readable(tmp_path: Path) -> None:
    sealed = SealedSecrets(tmp_path)
    sealed.put("pin", "1")
    assert sealed.mask("11 rows") == "11 rows"


def test_secrets_put_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    names = [f"n{i}" for i in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda name: SealedSecrets(tmp_path).put(name, f"value of {name}"), names))
    sealed = SealedSecrets(tmp_path)
    assert {name: sealed.get(name) for name in names} == {name: f"value of {name}" for name in names}


def test_reading_secrets_loads_no_cryptography_until_one_is_asked_for(tmp_path: Path) -> None:
    code = (
        "from penstock.store.secrets import SealedSecrets; from pathlib import Path; import sys\n"
        f"s = SealedSecrets(Path({str(tmp_path)!r})); s.names(); s.mask('x')\n"
        "assert 'cryptography' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
