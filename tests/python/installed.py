"""A project as a hall has it installed: with its scripts, a drop folder, its archive and published pages."""

import re
import shutil

import harness
from conftest import PROJECT_DIR, Project

SECRET = "not-to-be-logged"


class Installed:
    """A project with its scripts, a drop folder, its archive and a folder of published pages."""

    def __init__(self, project: Project):
        self.project, self.folder = project, project.folder
        self.drop, self.published = self.folder / "drop", self.folder / "published"
        self.drop.mkdir()
        shutil.copytree(PROJECT_DIR / "scripts", self.folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))

    def put(self, name: str, *lines: str) -> None:
        (self.drop / name).write_text("\n".join(lines) + "\n", encoding="utf-8")

    def command(self, as_of: str, **environment: str) -> tuple:
        """Return what harness.start_script and run_script take for a night."""
        return (
            self.folder / "scripts" / "nightly.py", self.folder,
            self.project.environment | {"DBT_ENV_SECRET_OF_A_TEST": SECRET} | environment,
            "--drop", self.drop, "--published", self.published, "--raw-schema", self.project.raw_schema,
            "--as-of", as_of,
        )

    def start_night(self, as_of: str) -> harness.Process:
        """Start a nightly run in a new process group."""
        return harness.start_script(*self.command(as_of))

    def night(self, as_of: str, code: int = 0, **environment: str) -> tuple[str, dict[str, str]]:
        """Do a nightly run; return its output, and its log line as a dictionary."""
        done = harness.run_script(*self.command(as_of, **environment))
        output = done.stdout + done.stderr
        assert done.returncode == code, output
        assert "Traceback" not in output and SECRET not in output
        facts = re.findall(r"^nightly (started=.*)$", done.stdout, re.MULTILINE)
        assert len(facts) <= 1
        return output, dict(pair.split("=", 1) for pair in facts[0].split()) if facts else {}

    def pages(self) -> dict[str, bytes]:
        """Return the published files by path."""
        current = self.published / "current"
        return {str(path.relative_to(current)): path.read_bytes() for path in current.rglob("*") if path.is_file()}

    def files(self) -> set[str]:
        """Return the files of the drop folder and of the archive, without the day."""
        folders = (self.drop, self.folder / "loaded", self.folder / "rejected")
        paths = (path.relative_to(self.folder) for folder in folders for path in folder.rglob("*") if path.is_file())
        return {re.sub(r"/\d{4}-\d{2}-\d{2}/", "/", str(path)) for path in paths}
