"""What a template of a Flow document may ask for: the project, and every object of it in lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from penstock.core.document import Table
from penstock.core.kind import Kind
from penstock.core.placeholders import Names, Say
from penstock.core.schema import Schema
from penstock.runtime import environments, lineage
from penstock.runtime.documenting import deployment, plain, processing, scenarios, sources
from penstock.runtime.documenting.material import Material
from penstock.runtime.documenting.scenarios import SECRET


def names(m: Material, file: str) -> Names:
    """Everything, by name. Nothing is looked at before it is asked."""
    return Names(says={**_config(m, file), **_project(m), **_flow(m)}, lists=_lists(m))


def _config(m: Material, file: str) -> dict[str, Say]:
    now = m.node.clock.now()
    return {
        "config.generation_date.name": lambda: f"{now:%Y-%m-%d %H:%M}",
        "config.output_file.name": lambda: file,
        "config.node.name": lambda: m.node.config.node_name,
        "config.project.link": lambda: (
            f"{m.node.config.base_url}/projects/{m.key}" if m.node.config.base_url else ""
        ),
    }


def _project(m: Material) -> dict[str, Say]:
    settings = m.project.settings

    def save(position: int, field: str) -> str:
        saves = m.node.projects.history(m.key, limit=1 if position == 0 else 0)
        found = saves[position] if saves else None
        if found is None:
            return ""
        return f"{found.time:%Y-%m-%d %H:%M}" if field == "date" else found.author.split(" <")[0]

    return {
        "project.key": lambda: m.key, "project.name": lambda: settings.title or m.key,
        "project.short_desc": lambda: settings.short_description, "project.long_desc": lambda: settings.description,
        "project.goals": lambda: settings.goals, "project.tags": lambda: ", ".join(settings.tags),
        "project.creation.date": lambda: save(-1, "date"), "project.creation.user": lambda: save(-1, "user"),
        "project.last_modification.date": lambda: save(0, "date"),
        "project.last_modification.user": lambda: save(0, "user"),
    }  # fmt: skip


def _flow(m: Material) -> dict[str, Say]:
    def picture() -> Any:
        _, page, *_ = scenarios.pages(m)
        return page.blocks

    return {"flow.picture.landscape": picture, "flow.picture.portrait": picture, "flow.picture": picture}


def _lists(m: Material) -> dict[str, Callable[[], Sequence[Names]]]:
    p = m.project
    return {
        "flow.datasets": lambda: _datasets(m),
        "flow.recipes": lambda: [_recipe(m, n) for n in m.flow.order(p.recipes)],
        "flow.folders": lambda: [_item(m, n, "folder") for n in p.folders],
        "flow.models": lambda: [_model(m, n) for n in p.models],
        "flow.model_evaluation_stores": lambda: [_store(m, n) for n in p.evaluation_stores],
        "project.tags.list": lambda: [_one(name=tag) for tag in p.settings.tags],
        "project.scenarios": lambda: [_scenario(m, n) for n in p.scenarios],
        "project.dashboards": lambda: [
            _one(name=n, title=d.title, short_desc=d.short_description, pages=len(d.pages))
            for n, d in p.dashboards.items()
        ],
        "project.api_services": lambda: [_service(m, n) for n in p.services],
        "project.bundles": lambda: [
            _one(
                name=b.bundle, created=f"{b.created_at:%Y-%m-%d %H:%M}", user=b.created_by, notes=b.notes,
                commit=b.commit[:10],
            )
            for b in m.bundles
        ],
        "project.variables": lambda: [_variable(m, n, v) for n, v in p.settings.variables.items()],
        "project.plugins": lambda: [
            _one(name=n, version=version, used_by=", ".join(used)) for n, (version, used) in m.plugins().items()
        ],
        "project.code_envs": lambda: [_environment(one) for one in m.environments.values()],
        "project.articles": lambda: [_one(name=n) for n in m.node.projects.texts(m.key, "wiki")],
    }  # fmt: skip


def _one(lists: Mapping[str, Callable[[], Sequence[Names]]] | None = None, **values: Any) -> Names:
    """Something with plain values; `a__b` is the name `a.b`, `_type` is `$type`."""
    says = {_name(word): _saying(value) for word, value in values.items()}
    return Names(says=says, lists=dict(lists or {}))


def _name(word: str) -> str:
    return word.replace("__", ".") if not word.startswith("_") else f"${word[1:]}"


def _saying(value: Any) -> Say:
    if callable(value):
        return value  # type: ignore[no-any-return]
    return lambda: value if isinstance(value, tuple | Table) else "" if value is None else str(value)


def _common(m: Material, name: str, sort: str, item: Any) -> dict[str, Any]:
    return {
        "_type": sort, "id": name, "name": name, "short_desc": item.short_description,
        "long_desc": item.description, "tags": ", ".join(item.tags),
    }  # fmt: skip


def _item(m: Material, name: str, sort: str, **more: Any) -> Names:
    item = m.project.items[name]
    return _one(
        lists={
            "tags.list": lambda: [_one(name=tag) for tag in item.tags],
            "parent": lambda: _objects([m.flow.producer(name)]),
            "successors": lambda: _objects(m.flow.consumers.get(name, ())),
        },
        **_common(m, name, sort, item), parent__name=m.flow.producer(name) or "", **more,
    )  # fmt: skip


def _objects(found: Iterable[str | None]) -> list[Names]:
    return [_one(name=name) for name in found if name]


def _datasets(m: Material) -> list[Names]:
    schemas = lineage.schemas(m.node, m.project)
    return [_dataset(m, name, schemas.get(name, ())) for name in m.project.datasets]


def _dataset(m: Material, name: str, columns: Schema) -> Names:
    dataset, snapshot = m.project.datasets[name], m.snapshot(name)
    made = _item(
        m, name, "dataset", type=plain.kind(dataset), connection=dataset.database(), where=dataset.where(),
        status__record_count=f"{snapshot.rows:,}" if snapshot else "",
        status__total_size=f"{snapshot.bytes:,}" if snapshot else "",
        status__last_build=f"{snapshot.written_at:%Y-%m-%d %H:%M}" if snapshot else "",
        schema__table=lambda: sources.schema(columns), is_foreign="No",
    )  # fmt: skip
    rows = [
        _one(name=c.name, type=c.type, meaning=c.meaning, description=c.description, short_desc=c.description)
        for c in columns
    ]
    return Names(says=made.says, lists={**made.lists, "schema.columns": lambda: rows})


def _recipe(m: Material, name: str) -> Names:
    recipe = m.project.recipes[name]
    steps = recipe.to_mapping().get("steps") or []
    return _one(
        lists={
            "inputs": lambda: _objects(recipe.reads), "outputs": lambda: _objects(recipe.writes),
            "prepare.steps": lambda: [
                _one(type=str(s.get("type", "")).replace("_", " "), comment=s.get("comment", "")) for s in steps
            ],
            "settings": lambda: [_one(name=n, value=v, meaning=w) for n, v, w in plain.settings(recipe)],
        },
        **_common(m, name, "recipe", recipe), type=plain.kind(recipe), about=plain.about(recipe),
        payload=getattr(recipe, "body", ""), is_code_recipe="Yes" if recipe.CATEGORY == "code" else "No",
        inputs__names=", ".join(recipe.reads), outputs__names=", ".join(recipe.writes),
        how=lambda: tuple(processing.how(recipe)),
    )  # fmt: skip


def _model(m: Material, name: str) -> Names:
    active, design = m.active(name), m.project.models[name].design
    return _item(
        m, name, "model", active_version__name=active.name if active else "",
        active_version__id=active.id if active else "", target=design.target if design else "",
    )  # fmt: skip


def _store(m: Material, name: str) -> Names:
    checks = m.project.evaluation_stores[name].checks
    made = _item(m, name, "model_evaluation_store", evaluations=m.node.evaluations.count(m.key, name))
    rows = [_one(name=check.name, type=plain.kind(check), demands=plain.demand(check)) for check in checks]
    return Names(says=made.says, lists={**made.lists, "checks": lambda: rows})


def _scenario(m: Material, name: str) -> Names:
    scenario = m.project.scenarios[name]
    return _one(
        lists={
            "steps": lambda: [
                _one(name=scenario.label(i), type=_kind(s), description=s.description)
                for i, s in enumerate(scenario.steps)
            ],
            "triggers": lambda: [
                _one(name=t.words, type=_kind(t), active=_yes(t.active)) for t in scenario.triggers
            ],
            "reporters": lambda: [_one(type=_kind(r), active=_yes(r.active)) for r in scenario.reporters],
        },
        **_common(m, name, "scenario", scenario), active=_yes(scenario.active),
    )  # fmt: skip


def _service(m: Material, name: str) -> Names:
    service = m.project.services[name]
    return _one(
        lists={
            "endpoints": lambda: [_one(name=one.name, type=_kind(one)) for one in service.endpoints],
            "urls": lambda: [_one(name=what, url=url) for what, url in deployment.urls(m, name)],
        },
        **_common(m, name, "api_service", service),
    )  # fmt: skip


def _variable(m: Material, name: str, value: Any) -> Names:
    return _one(name=name, value="(not shown)" if SECRET.search(name) else m.node.secrets.mask(str(value)))


def _environment(shown: environments.EnvironmentShown) -> Names:
    return _one(name=shown.name)


def _kind(kind: Kind) -> str:
    return plain.kind(kind)


def _yes(is_so: bool) -> str:
    return "Yes" if is_so else "No"
