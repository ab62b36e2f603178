"""The conventions that dbt-score does not bring itself: names, owners, access, contracts, keys, arguments, sources."""

import ast
import re

from dbt_score import Macro, Model, RuleViolation, Source, rule

# Where a model lies, by its room, and how its name begins; the first place that fits counts.
PREFIXES = {
    r"models/staging/(\w+)/base/": ("base_",),
    r"models/staging/(\w+)/": ("stg_",),
    r"models/intermediate/(\w+)/": ("int_", "plan_"),
    r"models/marts/(\w+)/private/": ("int_", "plan_", "publish_"),
    r"models/marts/(\w+)/": ("dim_", ""),
}


def is_private(model: Model) -> bool:
    """Whether a model is a private step of a room of marts."""
    return "/private/" in model.original_file_path


def is_public(model: Model) -> bool:
    """Whether a model is one of the marts that everybody may read."""
    return model.original_file_path.startswith("models/marts/") and not is_private(model)


@rule
def model_fits_its_room(model: Model) -> RuleViolation | None:
    """A model lies in a room, its name begins as that folder's do, and its group, which has an owner, is the room's."""
    path = model.original_file_path
    for folder, prefixes in PREFIXES.items():
        if found := re.match(folder, path):
            if re.match("(?:base|stg|int|plan|publish|dim)_|", model.name).group() not in prefixes:
                wanted = ", ".join(prefix or "无前缀 / no prefix" for prefix in prefixes)
                return RuleViolation(f"{path}: 名称应以此开头 / the name must begin with: {wanted}")
            if model.group != found.group(1):
                return RuleViolation(f"group: {model.group}; 应为 / must be {found.group(1)}: dbt_project.yml")
            return None
    return RuleViolation(f"{path}: 不在任何房间里 / in no room; docs/architecture.md")


@rule
def model_is_as_public_as_its_folder(model: Model) -> RuleViolation | None:
    """Marts are public, their steps in private/ are private, all others protected; only marts leave the work schema."""
    access = "public" if is_public(model) else "private" if is_private(model) else "protected"
    if model.access != access:
        return RuleViolation(f"access: {model.access}; 应为 / must be {access}")
    if model.schema.endswith("_work") == is_public(model):
        return RuleViolation(f"schema: {model.schema}; 只有公开的表不在 work 库 / public marts alone are not in `work`")


@rule
def mart_has_a_contract(model: Model) -> RuleViolation | None:
    """A public table has an enforced contract; MySQL enforces none on a view."""
    if is_public(model) and model.config["materialized"] != "view" and not model.config["contract"]["enforced"]:
        return RuleViolation("没有契约 / no contract: contract: {enforced: true}")


@rule
def mart_has_a_primary_key(model: Model, without: tuple[str, ...] = ()) -> RuleViolation | None:
    """A table of the marts has a primary key, which the server enforces."""
    is_table = model.config["materialized"] != "view" and model.original_file_path.startswith("models/marts/")
    if is_table and model.name not in without and not model.config.get("primary_key"):
        return RuleViolation("没有主键 / no key: config primary_key")


@rule
def macro_describes_its_arguments(macro: Macro) -> RuleViolation | None:
    """The yml has every argument of a macro, in order, each with its type and description."""
    signature = re.match(r"\s*\{%-?\s*(?:macro|test)\s+\w+\((.*?)\)\s*-?%\}", macro.macro_sql, re.DOTALL)
    arguments = ast.parse(f"def macro({signature.group(1)}): pass").body[0].args.args if signature else []
    names = [argument.arg for argument in arguments]
    described = [argument["name"] for argument in macro.arguments if argument["type"] and argument["description"]]
    if described != names:
        return RuleViolation(f"有说明的参数 / arguments described: {described}; 应为 / must be: {names}")


@rule
def source_names_its_loader(source: Source) -> RuleViolation | None:
    """A source says what fills it."""
    if not source.loader:
        return RuleViolation("没有 / no `loader`")


@rule
def source_has_an_owner(source: Source) -> RuleViolation | None:
    """A source says who answers for it."""
    if not source.source_meta.get("owner"):
        return RuleViolation("没有 / no `meta: {owner: ...}`")


@rule
def source_says_how_fresh_it_is(source: Source) -> RuleViolation | None:
    """A source table has a freshness and the column that it goes by, or `freshness: null`, where none can be told."""
    raw = source._raw_values
    if raw["freshness"] and not (raw["freshness"]["warn_after"]["count"] and raw["loaded_at_field"]):
        return RuleViolation("没有 / no `freshness` (warn_after, loaded_at_field); 无从判断时写 / or `freshness: null`")
