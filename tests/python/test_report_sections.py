"""Words of the sections that rest on a mart of their own, of rows made here: no warehouse is asked."""

import re
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from reports import sections, wording, workbook
from reports.site import make_environment
from reports.texts import words_of

ZH = words_of("zh")
HALL = {"hall_id": "H1", "hall_name": "大厅", "subject_type": "hall", "subject_id": "H1", "subject_name": "大厅"}


class Rows:
    """Marts that answer every question with the same rows."""

    def __init__(self, *rows: dict):
        """Keep the rows; each question gets copies."""
        self.rows = rows

    def read(self, _sql: str, **_parameters) -> list[dict]:
        """Return the rows."""
        return [dict(row) for row in self.rows]


def shown(template: str, macro: str, *arguments, language: str = "zh") -> str:
    """Return what a macro shows, a blank for each tag."""
    module = make_environment(words_of(language)).get_template(f"{template}.html.j2").module
    return " ".join(re.sub("<[^>]+>", " ", str(getattr(module, macro)(*arguments))).split())


def sheet(folder, columns: list[tuple], rows: list[dict]) -> tuple[dict, dict]:
    """Return the cells of the first row of a sheet, by the word of its header, and their number formats."""
    path = folder / "sheet.xlsx"
    book = workbook.Book(path, ZH)
    book.write_rows(book.sheet("pains", "", columns), 1, columns, rows)
    book.book.close()
    names = [word for word, *_ in columns]
    cells = openpyxl.load_workbook(path).active[2]
    return (dict(zip(names, (cell.value for cell in cells), strict=True)),
            dict(zip(names, (cell.number_format for cell in cells), strict=True)))


PAIN = HALL | {
    "category": "waiting", "label": "等候过长", "text_count": 3, "all_text_count": 10, "share": Decimal("0.3"),
    "previous_text_count": 1, "share_change": Decimal("0.125"), "rank_in_hall": None, "ranked_in_hall": None,
}


def window(number: int, hall: str, rank: int, ranked: int) -> dict:
    return PAIN | {"hall_id": hall, "subject_type": "window", "subject_id": f"W{number}",
                   "subject_name": f"{hall} 窗口{number}", "rank_in_hall": rank, "ranked_in_hall": ranked}


def test_the_weakest_window_is_named_only_among_several():
    """H1 has two equally weak of three, H2 one window that has enough texts to be ranked."""
    rows = sections.read_pains(Rows(
        PAIN, window(1, "H1", 1, 3), window(2, "H1", 1, 3), window(3, "H1", 3, 3),
        PAIN | {"hall_id": "H2"}, window(1, "H2", 1, 1),
    ), {}, ZH)
    assert [row["weakest"] for row in rows if row["subject_type"] == "hall"] == ["H1 窗口1、H1 窗口2", ""]
    assert "H1 窗口1、H1 窗口2" in shown("pains", "of_hall", rows[:4])
    assert "H2 窗口1" not in shown("pains", "of_hall", rows[4:])


@pytest.mark.parametrize(("change", "page"), [("0.125", "+12.5"), ("-0.0312", "−3.1"), ("0", "±0.0")])
def test_a_share_moves_by_percentage_points(tmp_path, change, page):
    rows = sections.read_pains(Rows(PAIN | {"share_change": Decimal(change)}), {}, ZH)
    text = shown("pains", "of_hall", rows)
    assert "占比变化 个百分点" in text and f"等候过长 3 30 1 {page} " in text
    cells, formats = sheet(tmp_path, workbook.PAINS, rows)
    assert cells["share_change"] == pytest.approx(float(change) * 100)
    assert formats["share_change"] == '+0.00" 个百分点";-0.00" 个百分点";0.00" 个百分点"'


@pytest.mark.parametrize(("value", "unit", "language", "text"), [
    ("-4.89", "minute", "zh", "−4.89 分钟"), ("0.1767", "share", "zh", "+17.67 个百分点"),
    ("0.1767", "share", "en", "+17.67 pp"), ("-1", "star", "en", "−1.00 star"), ("0", "star", "en", "±0.00 stars"),
    (None, "star", "en", "—"),
])
def test_a_change_has_its_sign_and_unit(value, unit, language, text):
    assert wording.change_in_unit(None if value is None else Decimal(value), unit, words_of(language)) == text


EFFECT = {
    "dimension": "efficiency", "claimed_improvement": Decimal("0.3"), "metric_label": "等候", "unit": "minute",
    "status": "measured", "status_name": "已测", "before_value": Decimal("10"), "after_value": Decimal("11"),
    "improvement_share": Decimal("-0.1"), "net_improvement_share": Decimal("0.4"), "is_claim_met": 0,
    "is_net_claim_met": 1,
}


@pytest.mark.parametrize(("language", "change", "text"), [
    # What became worse, and is better than that of others.
    ("zh", {}, "政策所述效率提升 30%：等候由 10.00 分钟升至 11.00 分钟，变差 10.0%，未达到；"
               "扣除同期变化后改善 40.0%，达到"),
    ("en", {}, "Efficiency, claimed +30%: 等候 10.00 min → 11.00 min, 10.0% worse: not met; net of halls without it"
               " 40.0% better: met"),
    # A share of nothing.
    ("zh", {"is_claim_met": None}, "政策所述效率提升 30%：等候暂不能判定（上线前为 0）"),
    ("en", {"is_claim_met": None}, "Efficiency, claimed +30%: 等候 cannot be judged yet (0 before go-live)"),
    ("zh", {"claimed_improvement": None}, None),
])
def test_a_claim_in_words(language, change, text):
    words = words_of(language)
    effect = EFFECT | change
    effect |= {"verdict": wording.claim(effect, effect["is_claim_met"], words),
               "net_verdict": wording.claim(effect, effect["is_net_claim_met"], words)}
    assert wording.claim_sentence(effect, words) == text


RULE = {
    "subject_type": "hall", "rule_set": "standard", "rule_id": "E1", "valid_from": date(2020, 1, 1), "label": "",
    "weight": Decimal("0.4"), "dimension": "efficiency", "verdict": "ranks_changed", "decided_nothing": 0,
    "unit_count": 6, "applied_share": None, "ceiling_share": None, "floor_share": None, "score_correlation": None,
    "decided_points": Decimal(1), "changed_rank_count": 2,
}
NOTHING = {"verdict": "not_measured", "decided_nothing": 1}


def test_rules_that_decided_nothing_and_those_that_changed_no_rank():
    rows = sections.read_review(Rows(
        RULE, RULE | {"rule_id": "E2", "verdict": "no_rank_changed"}, RULE | {"rule_id": "E3"} | NOTHING,
        RULE | {"rule_id": "D1", "weight": Decimal(0), "verdict": "no_weight", "decided_nothing": 1},
        RULE | {"rule_id": "E4", "subject_type": "window", "verdict": "same_for_all", "decided_nothing": 1},
    ), {}, ZH)
    text = shown("review", "of_all", rows, [])
    assert "什么也没有决定的规则：E3（没有数据）。 给了分而没有改变任何名次的规则：E2。" in text
    assert "什么也没有决定的规则：E4（人人相同）。" in text and "D1" not in text
    english = sections.read_review(Rows(RULE | NOTHING), {}, words_of("en"))
    assert "Rules that decided nothing: E1 (no data)." in shown("review", "of_all", english, [], language="en")


def test_a_rule_is_told_from_its_like_by_set_and_date():
    july = {"valid_from": date(2026, 7, 1)}
    alone = sections.read_review(Rows(RULE, RULE | {"rule_id": "E2"} | july), {}, ZH)
    assert [row["short_name"] for row in alone] == ["E1", "E2"]
    changed = sections.read_review(Rows(RULE, RULE | july, RULE | {"subject_type": "window"}), {}, ZH)
    assert [row["short_name"] for row in changed] == ["E1 2020-01-01 起", "E1 2026-07-01 起", "E1"]
    sets = sections.read_review(Rows(RULE, RULE | {"rule_set": "pilot"} | NOTHING), {}, ZH)
    assert [row["short_name"] for row in sets] == ["E1 standard", "E1 pilot"]
    assert "什么也没有决定的规则：E1 pilot（没有数据）。" in shown("review", "of_all", sets, [])


def test_the_closest_metrics_stand_below_the_review():
    pair = {"subject_type": "hall", "label_b": "满意率", "pair_count": 36, "correlation": Decimal("-0.987")}
    pairs = [pair | {"label_a": f"指标{number}"} for number in range(6)]
    rows = sections.read_review(Rows(RULE), {}, ZH)
    text = shown("review", "of_all", rows, [*pairs, pair | {"subject_type": "window", "label_a": "别的"}])
    assert "指标0 ↔ 满意率 −0.99 对数 36" in text and "指标4" in text
    assert "指标5" not in text and "别的" not in text and "其余 1 项见 Excel 工作簿。" in text


def test_coverage_is_wanted_of_all_channels_together_and_callbacks_are_counted(tmp_path):
    row = {
        "hall_id": "H1", "hall_name": "大厅", "channel": "app", "rating_count": 9, "rating_share": Decimal(1),
        "avg_rating": Decimal(4), "coverage": Decimal("0.3"), "wanted_coverage": Decimal("0.5"),
        "coverage_gap": Decimal("0.2"), "negative_count": 4, "callback_due_count": 3, "callback_count": 2,
        "callback_rate": Decimal("0.6666666667"),
    }
    rows = sections.read_channels(Rows(row, row | {"channel": "all"}), {}, ZH)
    text = shown("channels", "of_hall", rows)
    assert "App 9 4.00 30.0 4 67 2 / 3" in text and "合计 9 4.00 30.0 50 20.0 4 67 2 / 3" in text
    cells, _ = sheet(tmp_path, workbook.CHANNELS, rows)
    assert [cells[name] for name in ("wanted", "gap", "callback_due", "callback_done")] == [None, None, 3, 2]
    cells, _ = sheet(tmp_path, workbook.CHANNELS, rows[1:])
    assert [cells[name] for name in ("wanted", "gap")] == [0.5, 0.2]


REWARD = HALL | {
    "label": "奖金", "tier_id": "T1", "min_score": Decimal(100), "max_rank_share": None, "min_sample": 0,
    "complaints": "any", "min_audit_match": None, "peer_group": "all", "is_candidate": 1, "missed_reason": None,
    "is_provisional": 1, "revision": None, "audited_count": 0, "audit_match_rate": None, "ranked_score": Decimal(120),
    "rank_in_group": 1, "ranked_in_group": 2, "case_count": 50, "complaint_count": 0,
}


def test_a_reward_that_may_still_change_is_marked(tmp_path, monkeypatch):
    """Before publication the whole section is provisional; after it, whose hall was audited with poor results."""
    monkeypatch.setattr(sections, "judges", lambda *_: True)
    rows = sections.read_rewards(Rows(REWARD), {}, ZH)
    text = shown("rewards", "of_all", rows)
    assert "暂定 本期尚未公布，得分取自现时数据。" in text and "原因 候选 大厅" in text
    audited = REWARD | {"revision": 2, "audited_count": 30, "audit_match_rate": Decimal("0.6667")}
    rows = sections.read_rewards(Rows(audited, audited | {"is_provisional": 0}), {}, ZH)
    text = shown("rewards", "of_all", rows)
    assert "得分取自第 2 版公布的结果。" in text and "尚未公布，得分" not in text
    assert text.count(" 候选 暂定 大厅") == text.count(" 候选 大厅") == 1 and "30 67%" in text
    cells, _ = sheet(tmp_path, workbook.REWARDS, rows)
    assert [cells[name] for name in ("revision_column", "tentative", "audited", "audit_match")] == [
        2, "暂定", 30, pytest.approx(0.6667)]


@pytest.mark.parametrize(("due_on", "deadline"), [
    (date(2026, 3, 13), "2026-03-13 前"), (None, "10 个工作日内 工作日历缺该年，未定日期"),
])
def test_an_action_without_a_date_says_why(monkeypatch, due_on, deadline):
    monkeypatch.setattr(sections, "judges", lambda *_: True)
    action = HALL | {
        "metric": "avg_wait_minutes", "metric_label": "等候", "unit": "minute", "is_count": 0, "evidence": None,
        "period_type": "month", "label": "约谈", "state": "new", "lower_bound": Decimal(12), "upper_bound": None,
        "opened_in": date(2026, 2, 1), "due_on": due_on, "deadline_working_days": 10, "value": Decimal(13),
    }
    text = shown("actions", "of_hall", sections.read_actions(Rows(action), {}, ZH))
    assert f"13.00 分钟 {deadline} 周期结束后" in text and ("工作日历" in text) == (due_on is None)
