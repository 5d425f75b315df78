"""Kind: its fields are its settings, one verb is its work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, WrapSerializer, WrapValidator

from penstock.core.errors import InvalidDefinition


class Definition(BaseModel):
    """Something a person designs: frozen, strict about words, kept as YAML in git."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=False, arbitrary_types_allowed=False
    )

    def changed(self, **fields: Any) -> Self:
        """A copy with some fields changed, validated like a fresh one."""
        return type(self).model_validate({**dict(iter(self)), **fields})

    def to_mapping(self) -> dict[str, Any]:
        """Plain values in field order, defaults left out: what is written to YAML."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


class Described(Definition):
    """What every object of a project may say about itself, for people and documents."""

    title: str = Field(default="", description="Shown instead of the name, when given.")
    short_description: str = Field(default="", description="One plain sentence.")
    description: str = Field(default="", description="Longer text in Markdown.")
    tags: tuple[str, ...] = Field(default=(), description="Words to find and group objects by.")
    annotations: dict[str, Any] = Field(
        default_factory=dict, description="A free mapping for other tools, kept verbatim."
    )

    MEANINGLESS: ClassVar[frozenset[str]] = frozenset(
        {"title", "short_description", "description", "tags", "annotations"}
    )


class Kind(Definition):
    """One entry of the catalogue. `type: <file name>` in YAML chooses it."""

    FAMILY: ClassVar[str] = ""
    MAIN: ClassVar[tuple[str, ...]] = ()
    """Fields that forms show first, in this order; the others stand under "More settings". None named = all."""
    GAPS: ClassVar[Mapping[str, str]] = {}
    """Engine → what it says otherwise than this process does, in a sentence; see core/gap.py."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Where a field or an answer holds the base of a family, it holds any of its kinds."""
        own = handler(source)
        return _any_kind(cls.FAMILY, own) if vars(cls).get("FAMILY") else own

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        """Any kind of the family, when it is the base of one: an object that says its type."""
        if not vars(cls).get("FAMILY"):
            return dict(handler(schema))
        from penstock.core import registry

        words = {"type": "string", "enum": sorted(registry.names(cls.FAMILY))}
        about = (cls.__doc__ or "").partition("\n")[0]
        return {
            "type": "object", "title": cls.__name__, "description": about, "properties": {"type": words},
            "required": ["type"], "additionalProperties": True,
        }  # fmt: skip

    @classmethod
    def kind_name(cls) -> str:
        """The word people write after `type:`. It is the name of the file the class lives in."""
        from penstock.core import registry

        return registry.name_of(cls)

    def to_mapping(self) -> dict[str, Any]:
        return {"type": self.kind_name(), **super().to_mapping()}


def _any_kind(family: str, own: Any) -> Any:
    from pydantic_core import core_schema

    def validate(value: Any, handler: Any) -> Any:
        from penstock.core import registry

        if not isinstance(value, Mapping):
            return handler(value)
        if value.get("type") not in registry.names(family):
            raise ValueError(f"'{value.get('type')}' is none of {', '.join(registry.names(family))}")
        return registry.parse(family, value)

    def serialize(value: Any) -> Any:
        return value.to_mapping()

    wrapped = core_schema.no_info_wrap_validator_function(validate, own)
    wrapped["serialization"] = core_schema.plain_serializer_function_ser_schema(serialize)
    return wrapped


@dataclass(frozen=True, slots=True)
class OfFamily:
    """Marks a field that holds any kind of a family."""

    family: str


def of(family: str) -> tuple[OfFamily, WrapValidator, WrapSerializer]:
    """The annotations that let a field hold any kind of a family; see `KindOf`."""

    def validate(value: Any, handler: Any) -> Any:
        from penstock.core import complaints, registry

        if isinstance(value, Kind):
            return value
        fields = {"type": value} if isinstance(value, str) else value
        if not isinstance(fields, Mapping):
            return handler(value)
        try:
            return registry.parse(family, fields)
        except InvalidDefinition as invalid:
            raise complaints.passed_on(invalid, short=isinstance(value, str)) from invalid

    def serialize(value: Any, handler: Any) -> Any:
        return value.to_mapping() if isinstance(value, Kind) else handler(value)

    return OfFamily(family), WrapValidator(validate), WrapSerializer(serialize)


def documentation(cls: type[BaseModel]) -> tuple[str, str]:
    """The sentence and the `Example:` YAML of a kind's docstring, both dedented; the second may be empty."""
    import inspect

    text = inspect.getdoc(cls) or ""
    prose, _, example = text.partition("Example:")
    return prose.strip(), inspect.cleandoc(example) if example else ""


def walk(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any, Any]]:
    """Every field inside a definition, nested ones too: (path, value, pydantic FieldInfo or None)."""
    if isinstance(value, BaseModel):
        for name, info in type(value).model_fields.items():
            inner = getattr(value, name)
            yield (*path, name), inner, info
            yield from walk(inner, (*path, name))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from walk(inner, (*path, key))
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from walk(inner, (*path, index))


__all__ = ["Annotated", "Definition", "Described", "Kind", "SerializeAsAny", "documentation", "of", "walk"]
