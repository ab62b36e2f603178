"""What the fork server of forked.py imports: dbt, patched, and the project parsed once. It connects to no server.

dbt makes code while it runs: serializers, JSON schemas, templates of macros. A fork finds it made, and has
a third less to do. A scratch project starts with the parse of the project, as if dbt had parsed it in the
scratch folder. When a test has changed a file, dbt sees it by the checksum and parses that file anew.

The patches below change how long dbt takes, not what it does: the suite passes without them too
(HALL_SCORES_PLAIN_DBT=1).
"""

from __future__ import annotations

import dataclasses
import functools
import gc
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import altair  # noqa: F401 - scripts use this and others below
import dbt.adapters.mysql
import dbt.task.build  # noqa: F401
import msgpack
import pandas  # noqa: F401
import pydantic  # noqa: F401
import tqdm  # noqa: F401
import vl_convert  # noqa: F401
import xlsxwriter  # noqa: F401
from dbt.cli.main import dbtRunner
from dbt.clients import agate_helper
from dbt.clients.jinja import BaseMacroGenerator, MacroFuzzEnvironment, get_dbt_macro_name, template_cache
from dbt.contracts.graph.manifest import ManifestStateCheck
from dbt.events.base_types import BaseEvent, DebugLevel, EventLevel
from dbt.events.eventmgr import EventManager
from dbt.parser.manifest import (
    PARTIAL_PARSE_FILE_NAME,
    ManifestLoader,
    extended_msgpack_encoder,
)
from jinja2.runtime import Context, missing
from mysql.connector.connection import MySQLConnection

from scratch_copy import copy_project

SCHEMA = "hs_test_template"


def parse() -> tuple[str, bytes]:
    """Parse the project under SCHEMA; return the folder it was parsed in, and what dbt saved."""
    environment, folder = dict(os.environ), Path.cwd()
    with tempfile.TemporaryDirectory() as scratch:
        copy_project(Path(scratch))
        os.environ |= {"DBT_LOG_LEVEL_FILE": "none", "HALL_SCORES_SCHEMA": SCHEMA}
        # The static parser starts threads, which no fork inherits: it would wait for them for ever.
        result = dbtRunner().invoke([
            "--quiet", "--no-static-parser", "parse", "--project-dir", scratch, "--profiles-dir", scratch,
            "--vars", f"raw_schema: {SCHEMA}_raw",
        ])
        if not result.success:
            raise RuntimeError("the project does not parse") from result.exception
        for macro in result.result.macros.values():
            template_cache.get_node_template(macro)  # fills dbt's cache, whose key is the text of the macro
        saved = (Path(scratch) / "target" / PARTIAL_PARSE_FILE_NAME).read_bytes()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    return scratch, saved


def adopted(folder: str, schema: str, state: ManifestStateCheck) -> bytes:
    """Return the saved parse as if dbt had parsed in another folder, for another schema."""

    def renamed(value):
        if isinstance(value, str):
            return value.replace(PARSED_IN, folder).replace(SCHEMA, schema)
        if isinstance(value, list):
            return [renamed(item) for item in value]
        if isinstance(value, dict):
            return {renamed(key): renamed(item) for key, item in value.items()}
        return value

    manifest = renamed(msgpack.unpackb(SAVED, raw=False))
    # Schema and server are part of these two. dbt still compares dbt_project.yml and environment variables.
    for name in ("vars_hash", "profile_hash"):
        manifest["state_check"][name] = dataclasses.asdict(getattr(state, name))
    return msgpack.packb(manifest, default=extended_msgpack_encoder, use_bin_type=True)


def state_check(loader: ManifestLoader) -> ManifestStateCheck:
    """Return what dbt compares a saved parse with, without as_of_date. Give a new project the saved parse.

    dbt parses all anew when any var differs, but parsing never reads as_of_date (test_shared_parse.py shows it).
    """
    config = loader.root_project
    given = config.cli_vars
    config.cli_vars = {name: value for name, value in given.items() if name != "as_of_date"}
    try:
        state = BUILD_STATE_CHECK(loader)
        path = Path(config.project_target_path) / PARTIAL_PARSE_FILE_NAME
        if set(config.cli_vars) == {"raw_schema"} and not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(adopted(config.project_root, config.credentials.schema, state))
    finally:
        config.cli_vars = given
    return state


def make_event(event: BaseEvent, *arguments, **values) -> None:
    """Make an event that is printed. dbt also makes a message for each of the thousands that are not."""
    if not isinstance(event, DebugLevel):
        MAKE_EVENT(event, *arguments, **values)


def fire_event(manager: EventManager, event: BaseEvent, level: EventLevel | None = None) -> None:
    if (level or event.level_tag()) != EventLevel.DEBUG:
        FIRE_EVENT(manager, event, level)


@functools.cache
def compiled(environment: type, source: str):
    return COMPILE(ENVIRONMENTS[environment], source)


def compile_template(environment: MacroFuzzEnvironment, source: str):
    """Compile a template once. A fork knows the templates of all models and tests from the shared parse."""
    ENVIRONMENTS[type(environment)] = environment
    return compiled(type(environment), source)


class MacroContext(Context):
    """The names that a macro sees: those of dbt's context, then those of every template."""

    def resolve_or_missing(self, key: str):
        for names in (self.vars, self.parent, self.environment.globals):
            if key in names:
                return names[key]
        return missing


def get_macro(generator: BaseMacroGenerator):
    """Return a macro that reads dbt's context. dbt copies the context, some hundred names, twice for each call."""
    template = generator.get_template()
    context = MacroContext(template.environment, generator.context, template.name, template.blocks)
    for _ in template.root_render_func(context):  # the template makes its macro when it runs
        pass
    return context.vars[get_dbt_macro_name(generator.get_name())]


def type_tester(text_columns: Iterable[str], **options):
    return TYPE_TESTER(tuple(text_columns), **options)


ENVIRONMENTS: dict[type, MacroFuzzEnvironment] = {}
COMPILE = MacroFuzzEnvironment.compile
MacroFuzzEnvironment.compile = compile_template
BaseMacroGenerator.get_macro = get_macro
PARSED_IN, SAVED = parse()
FIRE_EVENT, MAKE_EVENT = EventManager.fire_event, BaseEvent.__init__
EventManager.fire_event, BaseEvent.__init__ = fire_event, make_event
# The result of a statement that returns no rows. To make it takes longer than many statements.
agate_helper.empty_table = functools.cache(agate_helper.empty_table)
TYPE_TESTER = functools.cache(agate_helper.build_type_tester)
agate_helper.build_type_tester = type_tester
# dbt asks the server before each statement whether it is there. The statement's own answer tells as well.
MySQLConnection.is_connected = lambda connection: connection._socket is not None
BUILD_STATE_CHECK = ManifestLoader.build_manifest_state_check
ManifestLoader.build_manifest_state_check = state_check
gc.collect()
gc.freeze()
gc.disable()  # a fork lives for seconds
