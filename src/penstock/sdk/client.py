"""Penstock from outside a recipe: in a notebook, a script, the command line. One transport verb, thin objects."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core.errors import NotFound
from penstock.sdk.bundles import Bundles, Incoming, Trust
from penstock.sdk.channels import Channels, Connections, Secrets
from penstock.sdk.comparisons import Comparisons
from penstock.sdk.dashboards import Dashboard
from penstock.sdk.deployer import Deployer
from penstock.sdk.discussions import Discussions
from penstock.sdk.environments import Environments, Plugins, ProjectEnvironments
from penstock.sdk.items import Dataset, EvaluationStore, Folder, Measured, Model, Part, Transport
from penstock.sdk.scenarios import Run, Scenario
from penstock.sdk.selection import Selection
from penstock.sdk.services import Service
from penstock.sdk.sharing import Sharing
from penstock.sdk.standards import NodeStandards, ProjectStandards
from penstock.sdk.users import Audit, Groups, Keys, ProjectPeople, Users
from penstock.sdk.version_control import Git
from penstock.sdk.wiki import Wiki
from penstock.sdk.zones import Zones

if TYPE_CHECKING:
    from penstock.core.job import Activity, Job
    from penstock.core.plan import Plan
    from penstock.core.project import Project as Definitions


class Home:
    """A node: its projects, its channels, who works on it."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def keys(self) -> list[str]:
        """The key of every project."""
        found: list[str] = self._transport.call("projects.keys")
        return found

    def projects(self) -> list[Any]:
        """Every project with its size, by key; a broken one with its problem."""
        found: list[Any] = self._transport.call("projects.summaries")
        return found

    def project(self, key: str) -> Project:
        """One project. Raises NotFound with the nearest key."""
        keys = self.keys()
        if key not in keys:
            raise NotFound("project", key, among=keys)
        return Project(self._transport, key)

    def create_project(self, key: str, title: str = "") -> Project:
        """A new project with an empty Flow."""
        self._transport.call("projects.create", key, title=title, author=self._transport.user)
        return Project(self._transport, key)

    def add_project(self, folder: Path | str, *, key: str = "", connections: Sequence[str] = ()) -> Project:
        """Take a folder of project files into the node. `connections`, words `OLD=NEW`, says which one of this node
        stands for one that the project names."""
        words = {"key": key, "connections": list(connections)}
        added = self._transport.call("projects.add", Path(folder), author=self._transport.user, **words)
        return Project(self._transport, added.key)

    def import_project(self, zip: Path | str, *, key: str = "", connections: Sequence[str] = ()) -> Project:
        """Take in the zip of an export, with what data is in it. The key is that of the zip unless given."""
        words = {"key": key, "connections": list(connections)}
        made = self._transport.call("exports.take_in", [Path(zip)], author=self._transport.user, **words)
        return Project(self._transport, made.key)

    def check_import(self, zip: Path | str, *, key: str = "", connections: Sequence[str] = ()) -> Any:
        """What is in the zip of an export, and `.messages`, each with `.severity`, of what it lacks here."""
        words = {"key": key, "connections": list(connections)}
        return self._transport.call("exports.check", [Path(zip)], **words)

    def model_document_template(self, target: Path | str) -> Path:
        """Write a sample template of model documents, a .docx: our outline in placeholders."""
        written: Path = self._transport.call("model_documents.write_template", Path(target))
        return written

    def delete_project(self, key: str) -> None:
        """Remove a project with its data; its definitions stay in the trash of the home."""
        self._transport.call("projects.delete", key)

    @property
    def connections(self) -> Connections:
        """Databases, file stores, Spark and channels of the node."""
        return Connections(self._transport)

    @property
    def environments(self) -> Environments:
        """Code environments: Pythons with packages of their own, that code of projects runs in."""
        return Environments(self._transport)

    @property
    def plugins(self) -> Plugins:
        """What is installed beside our own kinds."""
        return Plugins(self._transport)

    @property
    def channels(self) -> Channels:
        """Mail servers, chats and webhooks that scenarios tell people through."""
        return Channels(self._transport)

    @property
    def secrets(self) -> Secrets:
        """Sealed values that settings name as `secret:NAME`."""
        return Secrets(self._transport)

    @property
    def deployer(self) -> Deployer:
        """Infrastructures, what is published, deployments and their updates."""
        return Deployer(self._transport)

    @property
    def incoming(self) -> Incoming:
        """Bundles that came to this node, and what it runs of them."""
        return Incoming(self._transport)

    @property
    def standards(self) -> NodeStandards:
        """What a good project looks like on this node."""
        return NodeStandards(self._transport)

    @property
    def trust(self) -> Trust:
        """The key this node signs with, and whose archives it takes in."""
        return Trust(self._transport)

    @property
    def users(self) -> Users:
        """The accounts of the node."""
        return Users(self._transport)

    @property
    def groups(self) -> Groups:
        """Groups of users, and what they may do on the node."""
        return Groups(self._transport)

    @property
    def api_keys(self) -> Keys:
        """API keys."""
        return Keys(self._transport)

    @property
    def audit(self) -> Audit:
        """Who did what."""
        return Audit(self._transport)

    def status(self) -> Any:
        """Disk use by part, what waits, who works: `.disk`, `.queued`, `.running`, `.workers`, `.problem`."""
        return self._transport.call("home.status")

    def tidy(self) -> Any:
        """Remove now what the settings no longer keep: `.runs`, `.jobs`, `.logs`, `.left_overs`, `.freed` bytes."""
        return self._transport.call("home.tidy")

    def work(self, *, runs: int = 0, until_idle: bool = False, **settings: Any) -> None:
        """Be a worker: do runs of scenarios, `runs` at once, until stopped or, with `until_idle`, none waits.

        Settings: `tell` (called with each run that begins and ends), `alarm` (with a line for each project file that
        cannot be used), `stop` (an event).
        """
        self._transport.call("working.work", runs=runs, until_idle=until_idle, **settings)


class Project(Part):
    """A project: build it, look at it, change it."""

    def __init__(self, transport: Transport, key: str) -> None:
        super().__init__(transport, key)
        self.key = key

    def duplicate(self, key: str, *, connections: Sequence[str] = (), data: str = "none") -> Project:
        """Its definitions once more, under another key, with `data`: none, inputs, everything. The copy keeps its rows
        in places of its own."""
        words = {"connections": list(connections), "data": data}
        added = self._call("projects.duplicate", key, author=self._user, **words)
        return Project(self._transport, added.key)

    def export(self, target: Path | str, **what: bool) -> Path:
        """Write the project as a zip. `what` goes along: uploads, inputs, datasets, folders, models, evaluation_stores,
        history; nothing of it unless it is True."""
        written: Path = self._call("exports.write", Path(target), **what)
        return written

    def export_forgets(self, **what: bool) -> list[str]:
        """What people regret not to have put into such an export, a sentence each."""
        found: list[str] = self._call("exports.forgets", **what)
        return found

    def engines(self, recipe: str) -> Any:
        """Where a recipe runs: `.engine`, `.connection`, `.reason`, and `.engines`: each, `.available` or not."""
        return self._call("placing.show", recipe)

    def definitions(self) -> Definitions:
        """Everything designed in the project, parsed."""
        found: Definitions = self._call("projects.show")
        return found

    def create_dataset(self, name: str, files: Iterable[Path | str]) -> Dataset:
        """Upload files as a new dataset; format and columns are detected, texts stay texts until inferred."""
        self._call("datasets.create", name, [Path(f) for f in files], author=self._user)
        return Dataset(self._transport, self.key, name)

    def dataset(self, name: str) -> Dataset:
        """One dataset: its rows, columns, files. Raises NotFound with the nearest name."""
        self.definitions().dataset(name)
        return Dataset(self._transport, self.key, name)

    def folder(self, name: str) -> Folder:
        """One managed folder. Raises NotFound with the nearest name."""
        self.definitions().folder(name)
        return Folder(self._transport, self.key, name)

    def model(self, name: str) -> Model:
        """One saved model: its versions, what they say and why. Raises NotFound with the nearest name."""
        self.definitions().model(name)
        return Model(self._transport, self.key, name)

    def evaluation_store(self, name: str) -> EvaluationStore:
        """One evaluation store. Raises NotFound with the nearest name."""
        self.definitions().evaluation_store(name)
        return EvaluationStore(self._transport, self.key, name)

    def dashboard(self, name: str = "default") -> Dashboard:
        """One dashboard; every project starts with one called default. Raises NotFound with the nearest name."""
        found = Dashboard(self._transport, self.key, name)
        found.definition()
        return found

    def dashboards(self) -> list[Any]:
        """Every dashboard one may see: `.name`, `.title`, `.owner`, `.promoted`, `.pages`, `.tiles` …"""
        found: list[Any] = self._call("dashboards.listing")
        return found

    def create_dashboard(self, title: str) -> Dashboard:
        """A new empty dashboard; its name is made from the title."""
        name = self._call("dashboards.create", title, author=self._user)
        return Dashboard(self._transport, self.key, name)

    def wiki(self) -> Wiki:
        """Its articles: `.tree()`, `.article()`, `.search()`, `.export()`; `.generate()`, `.check()` of what writes
        itself."""
        return Wiki(self._transport, self.key)

    def scenario(self, name: str) -> Scenario:
        """One scenario, also one whose file is broken. Raises NotFound with the nearest name."""
        self._transport.call("scenarios.check_known", self.key, name)
        return Scenario(self._transport, self.key, name)

    def scenarios(self) -> list[Any]:
        """Every scenario: `.name`, `.active`, `.lately` (runs), `.next_run`, `.run_as`, `.problem`, `.warnings` …"""
        found: list[Any] = self._call("scenarios.listing")
        return found

    def next_runs(self, count: int = 5) -> list[Any]:
        """The next moments at which scenarios start by themselves: `.at`, `.scenario`, `.trigger`."""
        found: list[Any] = self._call("upcoming.of_project", count=count)
        return found

    def triggers(self) -> list[Any]:
        """Every trigger of every scenario: `.scenario`, `.trigger`, `.active`, `.next_look`, `.error` …"""
        found: list[Any] = self._call("triggers.next_runs")
        return found

    def scenario_run(self, id: str) -> Run:
        """One run by its id, or the newest one of a scenario. Raises NotFound."""
        return Run(self._transport, self._call("last_runs.find", id))

    def runs(self, limit: int = 50, *, finished: bool | None = None) -> list[Run]:
        """Runs of all scenarios, newest first."""
        found = self._call("scenarios.history", limit=limit, finished=finished)
        return [Run(self._transport, record) for record in found]

    def item(self, name: str) -> Measured:
        """The dataset, folder, model or evaluation store of that name."""
        by_type: dict[str, type[Measured]] = {
            "dataset": Dataset, "folder": Folder, "model": Model, "evaluation_store": EvaluationStore,
        }  # fmt: skip
        return by_type[self.definitions().item_type(name)](self._transport, self.key, name)

    def variables(self) -> list[Any]:
        """Every variable with its value and the level that gave it."""
        found: list[Any] = self._call("variables.levels")
        return found

    def set_variables(self, values: Mapping[str, Any], *, local: bool = False) -> None:
        """Set project variables; `local` ones stay on this node."""
        self._call("variables.assign", values, author=self._user, local=local)

    def unset_variables(self, names: Sequence[str], *, local: bool = False) -> None:
        """Take project variables away."""
        self._call("variables.remove", list(names), author=self._user, local=local)

    def validate(self) -> list[Any]:
        """Every problem of every file."""
        found: list[Any] = self._call("projects.validate")
        return found

    def warnings(self) -> list[Any]:
        """What this node lacks for the reporters of the project: channels, secrets; each with `.file` and `.field`."""
        found: list[Any] = self._call("readiness.of_project")
        return found

    def history(self, file: str = "") -> list[Any]:
        """Commits, newest first."""
        found: list[Any] = self._call("projects.history", file)
        return found

    def diff(self, older: str, newer: str = "", file: str = "") -> str:
        """What changed between two commits, or since one."""
        return str(self._call("projects.diff", older, newer, file))

    def save(self, message: str) -> str:
        """Save what was edited by hand, as one commit; returns its id, empty when there was nothing to save."""
        return str(self._call("projects.keep", message, author=self._user))

    def pending(self) -> list[str]:
        """Files that were edited by hand and are in no commit yet."""
        found: list[str] = self._call("projects.pending")
        return found

    def revert(self, commit: str, file: str = "") -> str:
        """Bring definitions back to a commit, as a new commit; returns its id, empty when they are so already."""
        return str(self._call("projects.revert", commit, author=self._user, file=file))

    def rename(self, old: str, new: str) -> str:
        """Rename an object and every reference to it, as one commit; returns its id."""
        return str(self._call("projects.rename", old, new, author=self._user))

    def status(self) -> Any:
        """What the checks say of the data and of the models."""
        return {"data": self._call("status.of_data"), "models": self._call("status.of_models")}

    def compare(self, items: Sequence[str], champion: str = "") -> Any:
        """Compare evaluations and model versions of one prediction type."""
        return self._call("evaluations.compare", list(items), champion=champion)

    @property
    def environments(self) -> ProjectEnvironments:
        """The code environments that its code runs in."""
        return ProjectEnvironments(self._transport, self.key)

    @property
    def git(self) -> Git:
        """Its branches, and repositories elsewhere that it is shared through."""
        return Git(self._transport, self.key)

    @property
    def bundles(self) -> Bundles:
        """What was frozen of the project, to be run elsewhere."""
        return Bundles(self._transport, self.key)

    def document(self, target: Path | str, *, template: Path | str | None = None) -> Sequence[str]:
        """Write the document of the whole Flow to a .docx, .pdf or .md file (Markdown comes as a zip beside it).

        `template` is a .docx of yours with placeholders and loops; what it asks for and nobody knows is removed, and
        returned as warnings.
        """
        if template is None:
            self._call("flow_documents.write", Path(target))
            return ()
        made = self._call("flow_documents.make", sources=[Path(template)])
        fetched: Path = self._call("model_documents.fetch", made.id)
        Path(target).write_bytes(Path(fetched).read_bytes())
        warnings: Sequence[str] = made.warnings
        return warnings

    @property
    def discussions(self) -> Discussions:
        """What people say about its objects."""
        return Discussions(self._transport, self.key)

    @property
    def standards(self) -> ProjectStandards:
        """What the standards of the node say of the project."""
        return ProjectStandards(self._transport, self.key)

    @property
    def comparisons(self) -> Comparisons:
        """Comparisons that are kept under a name."""
        return Comparisons(self._transport, self.key)

    def service(self, name: str) -> Service:
        """An API service of the project."""
        return Service(self._transport, self.key, name)

    def services(self) -> list[Any]:
        """Every API service: `.name`, `.endpoints`, `.access`, `.newest` …"""
        found: list[Any] = self._call("services.listing")
        return found

    def create_service(self, title: str, *, model: str = "") -> Service:
        """A new one, with an endpoint that predicts with a model if one is named; called by its title."""
        return self.service(str(self._call("services.create", title, author=self._user, model=model)))

    @property
    def people(self) -> ProjectPeople:
        """Who has which rights in the project."""
        return ProjectPeople(self._transport, self.key)

    @property
    def sharing(self) -> Sharing:
        """What other projects read of this one, and this one of others."""
        return Sharing(self._transport, self.key)

    @property
    def zones(self) -> Zones:
        """The zones of the Flow."""
        return Zones(self._transport, self.key)

    def selection(self, *names: str) -> Selection:
        """Some items and recipes, to be tagged, protected, cleared, copied or deleted at once."""
        return Selection(self._transport, self.key, names)

    def tags(self) -> dict[str, int]:
        """Every tag, with how many objects carry it."""
        found: dict[str, int] = self._call("selection.tags")
        return found

    def rename_tag(self, old: str, new: str) -> None:
        """Another word for a tag wherever it stands; an empty one removes it."""
        self._call("selection.rename_tag", old, new, author=self._user)

    def flow(self) -> Any:
        """The Flow: `.items`, `.recipes` in build order, `.zones`, `.problems`."""
        return self._call("flow.show")

    def upstream(self, item: str) -> list[str]:
        """Every object an item is made from."""
        found: list[str] = self._call("flow.upstream", item)
        return found

    def downstream(self, item: str) -> list[str]:
        """Every object made from an item."""
        found: list[str] = self._call("flow.downstream", item)
        return found

    def define(self, what: str, name: str, definition: Mapping[str, Any]) -> None:
        """Create or replace an object from plain values, as one commit."""
        self._call("projects.define", what, name, definition, author=self._user)

    def remove(self, name: str) -> None:
        """Delete an object's or a recipe's definition, as one commit; refused while something names it."""
        loaded = self.definitions()
        what = "recipe" if name in loaded.recipes else loaded.item_type(name)
        self._call("projects.remove", what, name, author=self._user)

    def build(self, *items: str, mode: str = "only", **options: Any) -> Job:
        """Build items (or recipes, `zone:NAME`, `*`) and wait.

        Raises JobFailed or Aborted unless the job ends DONE or `no_fail=True`. Options: `without` (recipes),
        `stop_at_zone`, `update_schemas`, `variables` (for this job alone), `watch` (told what happens).
        """
        job: Job = self._call("jobs.build", list(items), mode, initiator=self._user, **options)
        return job

    def start(self, *items: str, mode: str = "only", **options: Any) -> Any:
        """Like `build`, without waiting: `.job`, and `.wait()` gives the job once it has ended."""
        return self._call("jobs.start", list(items), mode, initiator=self._user, **options)

    def preview(self, *items: str, mode: str = "only", **options: Any) -> Plan:
        """What a build would run, in order, and why; nothing runs."""
        plan: Plan = self._call("jobs.preview", list(items), mode, **options)
        return plan

    def job(self, id: str) -> Job:
        """One job. Raises NotFound."""
        found: Job = self._transport.call("jobs.show", id)
        return found

    def abort(self, job: str) -> bool:
        """Ask a job to stop; False when it had ended already."""
        return bool(self._transport.call("jobs.abort", job))

    def rerun(self, job: str, **options: Any) -> Job:
        """The same build once more."""
        again: Job = self._transport.call("jobs.again", job, initiator=self._user, **options)
        return again

    def jobs(self, limit: int = 50) -> list[Job]:
        """Jobs, newest first."""
        found: list[Job] = self._transport.call("jobs.history", self.key, limit=limit)
        return found

    def activities(self, job: str) -> list[Activity]:
        """The activities of a job, in order."""
        found: list[Activity] = self._transport.call("jobs.activities", job)
        return found

    def log(self, job: str, recipe: str = "") -> str:
        """The log of a job, or of one activity only."""
        return str(self._transport.call("logs.read", job, recipe))

    def follow(self, job: str, recipe: str = "", *, pause: float = 0.5) -> Iterator[str]:
        """What the log holds, then what is added to it until the job has ended; looks every `pause` seconds."""
        seen = 0
        while True:
            ended = self.job(job).state.final
            for piece in self._transport.call("logs.pieces", job, recipe, start=seen):
                seen += len(piece.encode())
                yield piece
            if ended:
                return
            time.sleep(pause)


__all__ = [
    "Dataset",
    "EvaluationStore",
    "Folder",
    "Home",
    "Measured",
    "Model",
    "Project",
    "Run",
    "Scenario",
    "Transport",
    "Zones",
]
