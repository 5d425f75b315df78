"""`penstock-node`: set up a home, serve it, and change its services from the command line.

Changes are made on the home itself; a node that serves it notices within a second.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from penstock.core.errors import PenstockError
from penstock_node.settings import Home, Settings

Verb = Callable[[Home, argparse.Namespace], Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; 0 when it went well."""
    asked = _parser().parse_args(arguments)
    try:
        told = asked.verb(Home(Path(asked.home).resolve()), asked)
    except PenstockError as error:
        print(str(error), file=sys.stderr)
        return error.exit_code
    if told is not None:
        print(told if isinstance(told, str) else json.dumps(told, indent=1))
    return 0


def _init(home: Home, asked: argparse.Namespace) -> Any:
    from penstock.store.disk import write_atomically
    from penstock_node.admin_keys import AdminKeys

    home.root.mkdir(parents=True, exist_ok=True)
    if not home.settings_file.exists():
        given = {
            k: v for k, v in (("port", asked.port), ("workers", asked.workers), ("name", asked.name)) if v
        }
        settings = Settings.model_validate({"host": asked.host, **given})
        text = json.dumps(settings.model_dump(mode="json"), indent=1)
        write_atomically(home.settings_file, text.encode())
        home.settings_file.chmod(0o600)
    keys = AdminKeys(home)
    return None if keys.listed() else keys.create(label="first administrator", by="init")[1]


def _serve(home: Home, asked: argparse.Namespace) -> None:
    from penstock_node.serving import serve

    serve(home)


def _answer(home: Home, asked: argparse.Namespace) -> None:
    from penstock_node.serving import answer

    answer(home, asked.listener, asked.line)


def _trust(home: Home, asked: argparse.Namespace) -> Any:
    from penstock.core.signing import NodeKey
    from penstock_node.disk import Shelf

    key = NodeKey(asked.node, asked.key)
    Shelf(home).keys.trust(key, by="command line", at=datetime.now(UTC))
    return f"{key.node} is trusted: {key.fingerprint}"


def _services(home: Home, asked: argparse.Namespace) -> Any:
    shelf = _shelf(home)
    return [{"serviceId": name, **shelf.state(name).model_dump(mode="json")} for name in shelf.services()]


def _create(home: Home, asked: argparse.Namespace) -> None:
    shelf = _shelf(home)
    with shelf.changing():
        shelf.create(asked.service)


def _delete(home: Home, asked: argparse.Namespace) -> None:
    shelf = _shelf(home)
    with shelf.changing():
        shelf.delete(asked.service)


def _import(home: Home, asked: argparse.Namespace) -> Any:
    return {"generation": _shelf(home).take_in(asked.service, Path(asked.archive))}


def _generations(home: Home, asked: argparse.Namespace) -> Any:
    found = _shelf(home).generations(asked.service)
    return [{"generation": g.name, "importedOn": g.imported_at} for g in found]


def _newest(home: Home, asked: argparse.Namespace) -> Any:
    from penstock_node.disk import switched

    newest = _shelf(home).newest(asked.service)
    return _changed(home, asked.service, lambda state: switched(state, newest))


def _switch(home: Home, asked: argparse.Namespace) -> Any:
    from penstock_node.disk import switched

    _shelf(home).generation(asked.service, asked.generation)
    return _changed(home, asked.service, lambda state: switched(state, asked.generation))


def _mapping(home: Home, asked: argparse.Namespace) -> Any:
    from penstock.core.errors import Invalid
    from penstock.core.generations import read_mapping

    try:
        mapping = read_mapping(json.load(sys.stdin))
    except ValueError as error:
        raise Invalid(f"The mapping on the standard input is no JSON: {error}") from error
    for name in mapping.generations:
        _shelf(home).generation(asked.service, name)
    return _changed(home, asked.service, lambda state: state.changed(mapping=mapping, enabled=True))


def _enable(home: Home, asked: argparse.Namespace) -> Any:
    return _changed(home, asked.service, lambda state: state.changed(enabled=True))


def _disable(home: Home, asked: argparse.Namespace) -> Any:
    return _changed(home, asked.service, lambda state: state.changed(enabled=False))


def _keys(home: Home, asked: argparse.Namespace) -> Any:
    from penstock_node.admin_keys import AdminKeys

    return AdminKeys(home).listed()


def _create_key(home: Home, asked: argparse.Namespace) -> Any:
    from penstock_node.admin_keys import AdminKeys

    return AdminKeys(home).create(label=asked.label, by="command line")[1]


def _delete_key(home: Home, asked: argparse.Namespace) -> None:
    from penstock_node.admin_keys import AdminKeys

    AdminKeys(home).delete(asked.id)


def _metrics(home: Home, asked: argparse.Namespace) -> Any:
    """Over the admin API: only the processes that answer know them."""
    import urllib.error
    import urllib.request

    from penstock.core.errors import NotReady

    settings = home.settings()
    url = asked.url or f"http://{settings.host}:{settings.port}"
    request = urllib.request.Request(
        f"{url}/admin/api/metrics", headers={"Authorization": f"Bearer {asked.key}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return json.load(reply)
    except (urllib.error.URLError, OSError) as error:
        raise NotReady(f"The node at {url} does not answer: {error}") from error


def _changed(home: Home, service: str, change: Callable[[Any], Any]) -> Any:
    shelf = _shelf(home)
    with shelf.changing():
        state = change(shelf.state(service))
        shelf.put(service, state)
    return state.model_dump(mode="json")


def _shelf(home: Home) -> Any:
    from penstock_node.disk import Shelf

    return Shelf(home)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="penstock-node", description="Penstock's real-time node.")
    parser.add_argument("--home", default="penstock-node", help="its folder")
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    def verb(name: str, about: str, does: Verb, *words: str) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=about, description=about)
        added.set_defaults(verb=does)
        for word in words:
            added.add_argument(word)
        return added

    init = verb("init", "make the home and print a first admin key; one that is there stays as it is", _init)
    init.add_argument("--host", default="127.0.0.1")
    init.add_argument("--port", type=int, default=0)
    init.add_argument("--workers", type=int, default=0)
    init.add_argument("--name", default="")
    verb("serve", "answer until stopped", _serve)
    answer = verb("answer", "one of the processes of `serve`, started by it", _answer)
    answer.add_argument("listener", type=int)
    answer.add_argument("line", type=int)
    verb("trust", "take packages that this node signed", _trust, "node", "key")
    verb("services-list", "all services and what is mapped", _services)
    verb("service-create", "an empty service", _create, "service")
    verb("service-delete", "a disabled service and its generations", _delete, "service")
    verb("service-import-generation", "take a package in", _import, "service", "archive")
    verb("service-list-generations", "what was imported", _generations, "service")
    verb("service-switch-to-newest", "answer with what was imported last", _newest, "service")
    verb("service-switch-to-generation", "answer with one generation", _switch, "service", "generation")
    verb("service-set-mapping", "several generations; JSON on the standard input", _mapping, "service")
    verb("service-enable", "answer again", _enable, "service")
    verb("service-disable", "answer no more", _disable, "service")
    verb("admin-keys-list", "keys of administrators", _keys)
    verb("admin-key-create", "a further key; it is shown once", _create_key).add_argument(
        "--label", default=""
    )
    verb("admin-key-delete", "let a key work no more", _delete_key, "id")
    metrics = verb("metrics-get", "counts and times of a node that serves", _metrics, "key")
    metrics.add_argument("--url", default="")
    return parser
