"""Data processing: how every output is computed, recipe by recipe, in the order in which they run."""

from __future__ import annotations

from typing import Any

from penstock.core.document import Block, Bullets, Code, Heading, Paragraph, Span, facts, line, table
from penstock.core.recipe import Recipe
from penstock.runtime import prepare_steps
from penstock.runtime.documenting import plain, plain_steps
from penstock.runtime.documenting.material import Material, Page, ask, part, several, to

NAME = "data-processing"
TITLE = "Data processing"
LANGUAGES = {"py": "python", "sql": "sql", "sh": "bash"}


def pages(m: Material) -> list[Page]:
    """The section with every recipe in order, and an article for each."""
    order = m.flow.order(m.project.recipes)
    rows = [
        [
            str(place),
            to("recipe", name),
            plain.kind(m.project.recipes[name]),
            several([_item(m, one) for one in m.project.recipes[name].reads]),
            several([_item(m, one) for one in m.project.recipes[name].writes]),
        ]
        for place, name in enumerate(order, 1)
    ]
    shown = table(["Step", "Recipe", "Type", "Reads", "Writes"], rows, empty="The Flow has no recipe yet.")
    each = [line(f"[{name}](article:recipe-{name})") for name in order]
    told = Paragraph((*line("Each has an article of its own: "), *several(each)))
    return [
        Page(
            name=NAME,
            title=TITLE,
            blocks=(part("recipes", shown, *([told] if order else []), on=("names:recipe",)),),
        ),
        *(_recipe(m, name) for name in order),
    ]


def _item(m: Material, name: str) -> tuple[Span, ...]:
    return to(m.project.item_type(name), name) if name in m.project.own_items else (Span(name),)


def _recipe(m: Material, name: str) -> Page:
    recipe = m.project.recipes[name]
    blocks: list[Block] = [
        part("recipe", *_facts(m, name, recipe)),
        part("how", Heading("How", 1), *how(recipe)),
    ]
    if recipe.description:
        blocks.append(part("words", Heading("In the words of its author", 1), Paragraph(recipe.description)))
    else:
        blocks.append(ask("Why is it done so?", _HINT))
    blocks.append(part("outputs", Heading("What it makes", 1), *_outputs(m, recipe), on=_held(m, recipe)))
    return Page(
        name=f"recipe-{name}",
        about=f"recipe:{name}",
        title=f"Recipe: {name}",
        parent=NAME,
        blocks=tuple(blocks),
    )


_HINT = "Decisions, and what else was tried. Or write it into the description of the recipe."


def _facts(m: Material, name: str, recipe: Recipe) -> list[Block]:
    return [
        facts(
            [
                ("Recipe", to("recipe", name)),
                ("Type", plain.kind(recipe)),
                ("In short", recipe.short_description),
                ("Inputs", several([_item(m, one) for one in recipe.reads])),
                ("Outputs", several([_item(m, one) for one in recipe.writes])),
                ("Runs", "wherever its data lies" if recipe.engine == "auto" else recipe.engine),
            ]
        ),
        Paragraph(line(plain.about(recipe))),
    ]


def how(recipe: Recipe) -> list[Block]:
    """Steps, settings and code of a recipe, in plain words."""
    values = recipe.to_mapping()
    steps = values.get("steps") if isinstance(values.get("steps"), list) else None
    blocks: list[Block] = []
    if steps:
        blocks.append(Bullets(tuple(_step(step) for step in steps), numbered=True))
    sides = {name for name in ("inputs", "outputs", "input", "output") if _only_names(values.get(name))}
    sides |= {"body", "steps"}
    rows = [
        (name, value, line(meaning))
        for name, value, meaning in plain.settings(recipe, without=frozenset(sides))
    ]
    if rows:
        blocks.append(table(["Setting", "Value", "What it means"], rows))
    body = getattr(recipe, "body", "")
    if body:
        blocks.append(Code(body, LANGUAGES.get(recipe.BODY, recipe.BODY)))
    return blocks or [Paragraph("Nothing is set besides what it reads and writes.")]


def _step(step: Any) -> str:
    said = plain_steps.said(step) or prepare_steps.title({"type": step.get("type", "")})
    off = " (switched off)" if step.get("disabled") else ""
    comment = step.get("comment", "")
    return f"{said}{off} – {comment}" if comment else f"{said}{off}"


def _held(m: Material, recipe: Recipe) -> tuple[str, ...]:
    return tuple(f"data:{name}" for name in recipe.writes if name in m.project.datasets)


def _only_names(value: Any) -> bool:
    """Whether a side of a recipe says nothing but names."""
    return isinstance(value, str) or all(isinstance(one, str) for one in value or ())


def _outputs(m: Material, recipe: Recipe) -> list[Block]:
    rows = []
    for name in recipe.writes:
        held = m.snapshot(name)
        columns = held.columns if held else getattr(m.project.items.get(name), "columns", ())
        rows.append([_item(m, name), held.rows if held else None, ", ".join(c.name for c in columns) or ""])
    return [table(["Output", "Rows now", "Columns"], rows, empty="It writes nothing.")]
