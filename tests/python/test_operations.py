"""docs/operations.md, as written: an install with root-owned code, a nightly run, a backup and a restore drill.

The commands are those of the document; only paths, accounts and schemas have other names.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest

import warehouse
from conftest import PROJECT_DIR, Project

DOCUMENT = (PROJECT_DIR / "docs" / "operations.md").read_text("utf-8").split("\n# In English\n")[0]
PASSWORD = "Only-for-a-test-1"
CLIENTS = ("mysql", "mysqldump")


def commands_below(heading: str) -> list[str]:
    """Return the fenced blocks below a heading, up to the next one."""
    section = re.search(rf"^## {heading}.*?(?=^## |\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)[0]
    return [
        re.sub(f"^{block[1]}", "", block[2], flags=re.MULTILINE)
        for block in re.finditer(r"^( *)```\n(.*?)^ *```$", section, re.MULTILINE | re.DOTALL)
    ]


def python_of_others() -> str | None:
    """Return a Python of this version that any user may run, or None."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    for path in (Path(sys.executable).resolve(), Path(f"/usr/bin/python{version}")):
        tried = subprocess.run(
            ["runuser", "-u", "nobody", "--", str(path), "-c",
             "import sys, venv; print(*sys.version_info[:2], sep='.')"],
            capture_output=True, text=True, cwd="/",
        )
        if tried.stdout.strip() == version:
            return str(path)
    return None


@pytest.fixture(scope="module")
def machine(project: Project):
    """A folder that represents the machine, on the server under test."""
    if os.geteuid() != 0:
        pytest.skip("only root can make accounts and root-owned code")
    if missing := [name for name in (*CLIENTS, "runuser", "useradd", "git", "make") if not shutil.which(name)]:
        pytest.skip(f"not installed: {', '.join(missing)}")
    if not warehouse.read_profile().get("server"):
        pytest.skip("the embedded warehouse has no accounts and no clients")
    python = python_of_others()
    if not python:
        pytest.skip("no Python of this version that an unprivileged account may run")
    made = Machine(project, python)
    yield made
    made.close()


class Machine:
    """Runs the commands of the document under other names."""

    def __init__(self, project: Project, python: str):
        self.project, self.root = project, Path(tempfile.mkdtemp(prefix="hs-machine-", dir="/tmp"))
        self.root.chmod(0o755)
        self.account = project.schema.replace("_", "-")
        self.uploaders = f"{self.account}-up"
        profile = warehouse.read_profile()
        self.host, self.port = profile["server"], str(profile["port"])
        self.marts, self.raw, self.drill = project.schema, project.raw_schema, f"{project.schema}_drill"
        self.home = self.root / "root"
        self.home.mkdir(mode=0o700)
        for name in ("etc", "opt"):
            (self.root / name).mkdir()
        (self.home / ".my.cnf").write_text(
            f"[client]\nhost={self.host}\nport={self.port}\nprotocol=tcp\nuser={profile['username']}\n"
            f"password={profile['password']}\n", encoding="utf-8")
        # The download of packages is not tested; `make setup` finds them installed.
        packages = next(path for path in sys.path if path.endswith("site-packages"))
        hooks = self.home / "template" / "hooks"
        hooks.mkdir(parents=True)
        (hooks / "post-checkout").write_text(
            f"#!/bin/sh\n{python} -m venv --without-pip .venv\n"
            f"echo {packages} > $(echo .venv/lib/python*)/site-packages/test.pth\n"
            "printf '%s\\n' \"#!$PWD/.venv/bin/python\" 'from dbt.cli.main import cli' 'cli()' > .venv/bin/dbt\n"
            "chmod +x .venv/bin/dbt; touch .venv/.installed\n", encoding="utf-8")
        (hooks / "post-checkout").chmod(0o755)
        # The editor of the document's `vi /etc/hall-scores.env`.
        tools = self.home / "bin"
        tools.mkdir()
        wanted = {
            "HALL_SCORES_TARGET": os.environ["HALL_SCORES_TARGET"], "HALL_SCORES_HOST": self.host,
            "HALL_SCORES_PORT": self.port, "HALL_SCORES_USER": self.marts, "HALL_SCORES_SCHEMA": self.marts,
            "DBT_ENV_SECRET_HALL_SCORES_PASSWORD": PASSWORD,
        }
        edits = " ".join(f"-e 's/^{name}=.*/{name}={value}/'" for name, value in wanted.items())
        (tools / "vi").write_text(f'#!/bin/sh\nsed -i {edits} "$1"\n', encoding="utf-8")
        (tools / "vi").chmod(0o755)
        self.environment = {
            "HOME": str(self.home), "PATH": f"{tools}:{os.environ['PATH']}", "LANG": "C.UTF-8",
            "GIT_TEMPLATE_DIR": str(hooks.parent),
        }

    def named(self, text: str) -> str:
        """Return a text of the document with the names of this machine."""
        for pattern, own in (
            (r"(?<![\w.])/(?=(opt|srv|etc|var/backups)/hall-scores)", f"{self.root}/"),
            (r"(?<![\w/.-])hall-scores(?![\w.-])", self.account),
            (r"\bhall-upload\b", self.uploaders),
            (r"'bi'@", f"'{self.marts}_bi'@"),
            (r"government\\_hall", self.raw.replace("_", r"\\_")),
            (r"\bhall\\_scores", self.marts.replace("_", r"\\_")),
            (r"government_hall", self.raw),
            (r"\bhall_scores", self.marts),
            ("<仓库地址>", str(PROJECT_DIR)),
            ("<演练口令>", PASSWORD),
            ("host=127.0.0.1\nport=3306", f"host={self.host}\nport={self.port}\nprotocol=tcp"),
        ):
            text = re.sub(pattern, own, text)
        return text

    def run(self, commands: str, code: int = 0, **environment: str) -> str:
        """Run commands of the document as root; return what they print."""
        done = subprocess.run(
            ["/bin/sh", "-c", self.named(commands)], cwd=self.code if self.code.exists() else self.root,
            env=self.environment | environment, capture_output=True, text=True, timeout=900,
        )
        assert done.returncode == code, f"{self.named(commands)}\n{done.stdout[-6000:]}{done.stderr[-6000:]}"
        return done.stdout + done.stderr

    @property
    def code(self) -> Path:
        return self.root / "opt" / "hall-scores"

    @property
    def data(self) -> Path:
        return self.root / "srv" / "hall-scores"

    def schemas(self) -> list[str]:
        return self.project.query(
            "select schema_name as name from information_schema.schemata"
            " where left(schema_name, 16) = '{schema}' order by 1"
        ).name.tolist()

    def checksums(self) -> dict[str, str]:
        """Return checksum and creation time of each table of the production schemas."""
        tables = self.project.query(
            "select table_schema as s, table_name as t, create_time as made, table_type as kind"
            " from information_schema.tables where left(table_schema, 16) = '{schema}'"
            " and table_schema not like '%drill%' order by 1, 2"
        )
        return {
            f"{row.s}.{row.t}": str((
                row.kind, row.made,
                row.kind == "BASE TABLE" and self.project.query(f"checksum table `{row.s}`.`{row.t}`").iloc[0, 1],
            ))
            for row in tables.itertuples()
        }

    def close(self) -> None:
        for name in self.schemas():
            if "drill" in name:
                self.project.execute(f"drop schema `{name}`")
        for name in (self.marts, f"{self.marts}_bi", self.drill):
            self.project.execute(f"drop user if exists '{name}'@'localhost', '{name}'@'%'")
        subprocess.run(["userdel", self.account], capture_output=True)
        for group in (self.account, self.uploaders):
            subprocess.run(["groupdel", group], capture_output=True)
        shutil.rmtree(self.root)


@pytest.fixture(scope="module")
def installed(machine: Machine) -> Machine:
    """The first install, as the document has it."""
    install, grants, secrets, _timer = commands_below("首次安装")[:4]
    # Test the working tree, with changes that are not committed yet.
    machine.run(install, GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*")
    for path in ("scripts", "macros", "models", "seeds", "deploy", "dbt_project.yml", "profiles.yml.example"):
        source, target = PROJECT_DIR / path, machine.code / path
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    for name, host in ((machine.marts, "localhost"), (f"{machine.marts}_bi", "%")):
        machine.project.execute(f"create user '{name}'@'{host}' identified by '{PASSWORD}'")
    for path in (machine.code / "deploy").iterdir():
        path.write_text(machine.named(path.read_text("utf-8")), encoding="utf-8")
    settings = machine.code / "dbt_project.yml"
    text = settings.read_text("utf-8").replace("raw_schema: government_hall", f"raw_schema: {machine.raw}")
    settings.write_text(text, encoding="utf-8")
    machine.run(grants)
    machine.run(secrets)
    return machine


def start_service(machine: Machine, *arguments: str) -> subprocess.CompletedProcess:
    """Run the unit's command with its environment, as its user."""
    unit = (machine.code / "deploy" / "hall-scores.service").read_text("utf-8")

    def setting(name: str) -> list[str]:
        return re.findall(rf"^{name}=(.*)$", unit, re.MULTILINE)

    assert setting("User") == setting("Group") == [machine.account]
    environment = {"PATH": os.environ["PATH"], "HOME": str(machine.data), "LANG": "C.UTF-8"}
    for line in setting("Environment"):
        environment |= dict(pair.split("=", 1) for pair in line.split())
    for path in setting("EnvironmentFile"):
        lines = Path(path).read_text("utf-8").splitlines()
        environment |= dict(line.split("=", 1) for line in lines if line and line[0] != "#")
    return subprocess.run(
        ["runuser", "-u", machine.account, "--", "/bin/sh", "-c",
         f"umask {setting('UMask')[0]}; exec {setting('ExecStart')[0]} {' '.join(arguments)}"],
        cwd=setting("WorkingDirectory")[0], env=environment, capture_output=True, text=True, timeout=900,
    )


@pytest.fixture(scope="module")
def after_a_night(installed: Machine) -> Machine:
    """Production after a run that has loaded uploads, built, and published pages."""
    day = date.today() - timedelta(days=20)
    days = [day - timedelta(days=day.weekday()) + timedelta(days=n) for n in range(5)]
    uploads = {
        "halls.csv": ["hall_id,hall_name", "H1,城关大厅", "H2,城北大厅"],
        "service_log_1.csv": ["service_date,hall_id,window_id,log_id,process_time,is_completed", *(
            f"{day},{hall},W{n % 2},{hall}{day}{n},{6 + n},1" for day in days for hall in ("H1", "H2") for n in range(6)
        )],
        "feedback.csv": ["date,hall_id,rating", *(f"{day},{hall},5" for day in days for hall in ("H1", "H2"))],
        "complaints.csv": ["complaint_date,complaint_time,resolution_time,hall_id",
                           f"{days[0]},{days[0]} 09:00:00,{days[0]} 10:00:00,H1"],
    }
    installed.uploads = uploads
    for name, lines in uploads.items():
        path = installed.data / "drop" / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        path.chmod(0o660)
        shutil.chown(path, "nobody")
    installed.night = start_service(installed)
    return installed


def test_the_documented_install_builds_under_root_owned_code(after_a_night):
    machine, night = after_a_night, after_a_night.night
    assert night.returncode == 0, night.stdout[-6000:] + night.stderr[-6000:]
    assert " build=0 " in night.stdout and "files_loaded=4 files_rejected=0" in night.stdout
    assert PASSWORD not in night.stdout + night.stderr
    assert list((machine.data / "published" / "current").glob("week-*/index.html"))
    ours = [path for path in machine.code.rglob("*") if path.owner() != "root"]
    assert ours and {path.relative_to(machine.code).parts[0] for path in ours} == {"logs", "target"}
    assert not [path for path in machine.code.rglob("*") if path.stat().st_mode & 0o022 and not path.is_symlink()]


def test_uploaders_read_the_archive_and_write_the_drop_folder_alone(after_a_night):
    machine = after_a_night
    day = str(date.today())
    assert {path.name for path in (machine.data / "archive" / "loaded" / day).iterdir()} == set(machine.uploads)
    for path in (machine.data / "archive").rglob("*"):
        assert (path.owner(), path.group()) == (machine.account, machine.uploaders)
        assert path.stat().st_mode & 0o777 == (0o750 if path.is_dir() else 0o640)
    tried = subprocess.run(
        ["runuser", "-u", "nobody", "-g", machine.uploaders, "--", "/bin/sh", "-c",
         f"cat archive/loaded/{day}/halls.csv; touch drop/x; touch archive/x; touch archive/loaded/{day}/x;"
         f" rm -f archive/loaded/{day}/halls.csv; cat {machine.root}/etc/hall-scores.env; ls published"],
        cwd=machine.data, capture_output=True, text=True,
    )
    assert "城关大厅" in tried.stdout and (machine.data / "drop" / "x").exists()
    assert tried.stderr.count("Permission denied") == 5 and PASSWORD not in tried.stdout
    (machine.data / "drop" / "x").unlink()


def test_backup_and_drill_touch_nothing_else(after_a_night):
    machine = after_a_night
    back_up, prepare, restore, compare, clear, _for_real = commands_below("备份与恢复")
    before, schemas = machine.checksums(), machine.schemas()
    assert len(before) > 50
    pages = {path: path.stat().st_mtime_ns for path in (machine.data / "published").rglob("*")}
    machine.run(back_up)
    for path in (machine.root / "var/backups/hall-scores").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600 and path.stat().st_size
    machine.run(prepare)
    # The account of the drill cannot load an old dump that names its schema.
    output = machine.run(
        "mysql --defaults-file=/etc/hall-scores-drill.cnf -e 'use government_hall; drop table halls'", code=1)
    assert "Access denied" in output
    output = machine.run(restore)
    assert " status=ok exit=0 " in output and "all hashes and all scores are right" in output
    drilled = machine.run(compare)
    counts = re.findall(r"^\| +(\d+) \| +(\d+) \|$", drilled, re.MULTILINE)
    live = machine.project.query("select count(*) as n from {schema}.scores").n[0]
    assert counts == [(str(live), "0")] and live > 10
    # The comparison can fail.
    machine.project.execute(f"update {machine.drill}.scores set composite_score = 1 limit 1")
    assert re.findall(r"\| +(\d+) \|$", machine.run(compare), re.MULTILINE) == ["1"]
    assert {f"{machine.drill}", f"{machine.drill}_ledger", f"{machine.raw}_drill"} <= set(machine.schemas())
    assert machine.checksums() == before
    machine.run(clear)
    assert machine.schemas() == schemas and machine.checksums() == before
    assert {path: path.stat().st_mtime_ns for path in (machine.data / "published").rglob("*")} == pages
    with pytest.raises(warehouse.WarehouseError, match="Access denied"):
        warehouse.connect(user=machine.drill, password=PASSWORD)
    assert not list((machine.root / "etc").glob("*drill*")) and not (machine.data / "drill").exists()


def test_a_restore_brings_the_raw_tables_and_the_ledger_back(after_a_night):
    machine = after_a_night
    back_up, *_, for_real = commands_below("备份与恢复")
    machine.run(back_up)
    kept = (f"{machine.raw}.", f"{machine.marts}_ledger.")

    def contents() -> dict[str, str]:
        return {
            name: seen.rsplit(",", 1)[1] for name, seen in machine.checksums().items()
            if name.startswith(kept)
        }

    before = contents()
    assert len(before) > 5
    machine.project.execute(f"delete from {machine.raw}.service_log")
    machine.project.execute(f"drop table {machine.raw}.halls")
    machine.run(for_real.replace("<日期>", str(date.today())))
    assert contents() == before
