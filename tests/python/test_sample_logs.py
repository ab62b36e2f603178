"""The sample is realistic, repeatable, and has every fault that staging knows."""

import pandas as pd
import pytest

from conftest import run_script

pytestmark = [pytest.mark.once, pytest.mark.quick]


def write(folder, *arguments: str) -> dict[str, pd.DataFrame]:
    run_script("sample_logs.py", "--out", folder, "--until", "2026-09-30", *arguments)
    return {path.stem: pd.read_csv(path, dtype=str, keep_default_na=False) for path in folder.glob("*.csv")}


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return write(tmp_path_factory.mktemp("sample"))


def test_the_same_seed_writes_the_same_files(sample, tmp_path):
    again = write(tmp_path)
    assert all(again[name].equals(frame) for name, frame in sample.items())
    assert not write(tmp_path, "--seed", "7")["service_log"].equals(sample["service_log"])


def test_size_and_shape(sample):
    halls, windows, clerks, cases = (sample[name] for name in ("halls", "windows", "clerks", "service_log"))
    assert len(halls) == 6
    assert halls.peer_group.nunique() == 2
    assert 55 <= len(windows) <= 65
    assert set(windows[windows.window_name == "窗口1"].hall_id) == set(halls.hall_id)
    assert 115 <= clerks.clerk_id.nunique() <= 130
    assert clerks.groupby("clerk_id").hall_id.nunique().max() == 2
    days = pd.to_datetime(cases.service_date, errors="coerce")
    known = days[(days >= "2026-01-01") & (days <= "2026-09-30")]
    assert known.max() == pd.Timestamp("2026-09-30")
    assert (known.max() - known.min()).days >= 177
    assert cases.channel.nunique() >= 4
    assert sample["feedback"].comment.str.contains("[\u4e00-\u9fff]").sum() > 1000
    assert (sample["complaints"].resolution_time == "").any()


def test_morning_peak_and_lunch_dip(sample):
    hours = pd.to_datetime(sample["service_log"].ticket_time, errors="coerce").dt.hour.value_counts()
    assert hours[10] > 2 * hours[12]
    assert hours[10] > hours[14] > hours[12]


def test_items_halls_and_windows_differ(sample):
    cases = sample["service_log"].assign(minutes=pd.to_numeric(sample["service_log"].process_time, errors="coerce"))
    cases = cases[cases.minutes.between(0, 480)]
    for column in ("item_code", "hall_id"):
        means = cases.groupby(column).minutes.mean()
        assert means.max() > 1.5 * means.min()


def test_one_hall_lost_the_log_of_a_working_day(sample):
    days = pd.crosstab(sample["service_log"].service_date, sample["service_log"].hall_id).loc["2026-09-03":"2026-09-30"]
    assert len(days) == 24  # four weeks without Sundays
    assert [key for key, count in days.stack().items() if count == 0] == [("2026-09-29", "H05")]
    assert (sample["feedback"].query("date == '2026-09-29'").hall_id == "H05").any()


def test_an_audited_case_can_be_found_and_read(sample):
    cases = sample["service_log"].query("service_date != '' and is_completed in ('0', '1')")
    audits = sample["audit_samples"]
    assert len(audits) > 300
    assert set(audits.log_id) <= set(cases.log_id)


@pytest.mark.parametrize(("until", "has_appeals"), [("2026-11-20", True), ("2026-12-20", False), ("2027-02-01", False)])
def test_appeals_only_where_the_calendar_knows_their_deadlines(tmp_path, until, has_appeals):
    run_script("sample_logs.py", "--out", tmp_path, "--until", until, "--days", "30")
    assert (tmp_path / "appeals.csv").exists() == has_appeals
