"""Signs: the icon and the colour of every kind and every state, chosen in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sign:
    """How a state is shown: never by colour alone."""

    css: str
    icon: str
    words: str


SUCCESS, WARNING, ERROR = "success", "warning", "error"
STATES: dict[str, Sign] = {
    "DONE": Sign(SUCCESS, "check", "Done"),
    "SUCCESS": Sign(SUCCESS, "check", "Success"),
    "OK": Sign(SUCCESS, "check", "OK"),
    "BUILT": Sign(SUCCESS, "check", "Up to date"),
    "ACTIVE": Sign(SUCCESS, "check", "Active"),
    "ON": Sign(SUCCESS, "toggle-right", "On"),
    "HEALTHY": Sign(SUCCESS, "check", "Healthy"),
    "OUT_OF_SYNC": Sign(WARNING, "refresh", "Out of sync"),
    "UNHEALTHY": Sign(ERROR, "heartbeat", "Unhealthy"),
    "UNKNOWN": Sign("muted", "circle-dashed", "Unknown"),
    "DISABLED": Sign("muted", "toggle-left", "Disabled"),
    "WARNING": Sign(WARNING, "exclamation-mark", "Warning"),
    "FAILED": Sign(ERROR, "x", "Failed"),
    "ERROR": Sign(ERROR, "x", "Error"),
    "ABORTED": Sign("muted", "ban", "Aborted"),
    "MISSED": Sign(WARNING, "clock", "Missed"),
    "CANCELLED": Sign("muted", "ban", "Cancelled"),
    "RUNNING": Sign("running", "loader-2", "Running"),
    "COMPUTING_DEPENDENCIES": Sign("running", "loader-2", "Planning"),
    "QUEUED": Sign("muted", "hourglass", "Waiting"),
    "WAITING": Sign("muted", "hourglass", "Waiting"),
    "WAITING_CONFIRMATION": Sign("muted", "hourglass", "Waiting for confirmation"),
    "NOT_STARTED": Sign("muted", "hourglass", "Not started"),
    "SKIPPED": Sign("muted", "player-skip-forward", "Skipped"),
    "STALE": Sign("stale", "refresh", "Out of date"),
    "NOT_BUILT": Sign("muted", "circle-dashed", "Never built"),
    "EMPTY": Sign("muted", "circle-dashed", "Nothing to judge"),
    "CRITICAL": Sign(ERROR, "alert-octagon", "Critical"),
    "HIGH": Sign(ERROR, "alert-triangle", "High"),
    "MEDIUM": Sign(WARNING, "exclamation-mark", "Medium"),
    "LOW": Sign("muted", "chevron-down", "Low"),
    "LOWEST": Sign("muted", "chevrons-down", "Lowest"),
    "OFF": Sign("muted", "toggle-left", "Off"),
    "NEVER": Sign("muted", "circle-dashed", "Never ran"),
}
KINDS: dict[str, str] = {
    "project": "box", "dataset": "table", "folder": "folder", "model": "brain", "evaluation_store": "gauge",
    "recipe": "tool", "scenario": "player-play", "dashboard": "layout-dashboard", "comparison": "git-compare",
    "service": "api", "article": "article",
    "job": "list-check", "connection": "plug", "user": "user", "group": "users-group", "key": "key",
    "variable": "variable", "channel": "send", "infrastructure": "server-2", "deployment": "rocket",
    "published": "archive",
}  # fmt: skip
RECIPES: dict[str, str] = {
    "sync": "copy", "prepare": "wiper-wash", "join": "arrows-join", "group": "stack-2", "window": "layers-intersect",
    "split": "arrows-split", "filter": "filter", "stack": "layers-union", "distinct": "sparkles", "sort": "arrows-sort",
    "top": "trophy", "pivot": "table-options", "python": "brand-python", "sql": "sql", "train": "brain",
    "score": "target-arrow", "evaluate": "gauge", "standalone_evaluate": "ruler-measure",
}  # fmt: skip


def state(word: object) -> Sign:
    """The sign of a state, outcome or verdict; an unknown word is shown as it is."""
    text = str(word or "NEVER")
    return STATES.get(text.upper().replace(" ", "_")) or Sign("muted", "circle-dashed", text)


def kind_icon(kind: str, type: str = "") -> str:
    """The icon of an object: a recipe's by its type, everything else by what it is."""
    return (
        RECIPES.get(type, "puzzle" if "." in type else KINDS["recipe"]) if kind == "recipe" else KINDS[kind]
    )


def kind_classes(kind: str, type: str = "", category: str = "") -> str:
    """What colours it: `recipe ml`, `dataset`."""
    return " ".join(filter(None, (kind, category or ("plugin" if "." in type else ""))))
