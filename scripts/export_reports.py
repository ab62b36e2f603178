"""Export the report of a week, month, quarter or year: pages to read and print, and a workbook.

It computes nothing: every number comes from the marts.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

import mysql.connector
import xlsxwriter
from tqdm import tqdm

from plain_text import plain
from provenance import git_commit
from reports.read_marts import Marts, find_period, read_report
from reports.site import check_audience, hall_files, write_site
from reports.workbook import write_workbook
from warehouse import WarehouseError

OUT = Path("reports")


def default_folder(options: argparse.Namespace) -> Path:
    """Return the default folder of a report: one for each audience and language."""
    parts = []
    if options.public:
        parts.append("public")
    if options.hall:
        parts.append(Path(hall_files([options.hall])[options.hall]).stem)
    if options.lang != "zh":
        parts.append(options.lang)
    return OUT / "-".join(parts)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--period", required=True, choices=["week", "month", "quarter", "year"])
    parser.add_argument("--start", type=date.fromisoformat, help="first day (default: the latest closed period)")
    parser.add_argument("--hall", metavar="ID", help="the details of one hall only, beside the ranking of all")
    parser.add_argument("--lang", choices=["zh", "en"], default="zh")
    parser.add_argument("--out", type=Path, help="folder (default: reports, or a folder in it for each kind)")
    parser.add_argument("--public", action="store_true",
                        help="no names of clerks, no small groups, no numbers of ratings or complaints")
    parser.add_argument("--clerks", choices=["none", "number"], default="none",
                        help="in a public report: leave clerks out, or show their numbers (default: none)")
    parser.add_argument("--comments", action="store_true",
                        help="show the latest comments of citizens, masked as far as can be (never in a public report)")
    parser.add_argument("--target", help="output of profiles.yml (default: its own default)")
    options = parser.parse_args(arguments)
    if options.public and options.comments:
        parser.error("--comments: 公开版不含群众留言，请去掉 --public 或 --comments / "
                     "a public report has no comments; leave out --public or --comments")
    out = options.out or default_folder(options)
    try:
        marts = Marts(options.target)
        period = find_period(marts, options.period, options.start)
        report = read_report(
            marts, period, options.lang, options.hall, options.public, options.clerks, options.comments)
        check_audience(out, report)
        commit = git_commit()
        # Five pages and texts, the workbook and the links between periods, and the halls with their forms.
        with tqdm(total=len(report.page_halls) * (1 + report.has_appeal_forms) + 7, unit="file", disable=None) as bar:
            folder = write_site(
                out, report, commit, lambda path: write_workbook(path, report, commit), bar.update)
    except (WarehouseError, mysql.connector.Error, OSError, xlsxwriter.exceptions.XlsxFileError) as error:
        print(f"error: {plain(error)}", file=sys.stderr)
        return 1
    print("open:")
    for path in (folder / "index.html", folder / "ranking.html", *folder.glob("*.xlsx"), out / "index.html"):
        print(f"  {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
