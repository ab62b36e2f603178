"""The words of report sections, from rows made here: no warehouse is used."""

import re
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from reports import sections, wording, workbook
from reports.site import make_environment
from reports.texts import words_of

pytestmark = [pytest.mark.once, pytest.mark.quick]

ZH = words_of("zh")
HALL = {"hall_id": "H1", "hall_name": "大厅", "subject_type": "hall", "subject_id": "H1", "subject_name": "大厅"}


class Rows:
    """Marts that return the same rows for every query."""

    def __init__(self, *rows: dict):
        """Keep the rows; each query gets copies."""
        self.rows = rows

    def read(self, _sql: str, **_parameters) -> list[dict]:
        """Return the rows."""
        return [dict(row) for row in self.rows]


def shown(template: str, macro: str, *arguments, language: str = "zh") -> str:
    """Return the text of a macro, with a blank for each tag."""
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
    """H1 has two equally weak windows of three, H2 one window with enough texts to be ranked."""
    rows = sections.pains.read(Rows(
        PAIN, window(1, "H1", 1, 3), window(2, "H1", 1, 3), window(3, "H1", 3, 3),
        PAIN | {"hall_id": "H2"}, window(1, "H2", 1, 1),
    ), {}, ZH)
    assert [row["weakest"] for row in rows if row["subject_type"] == "hall"] == ["H1 窗口1、H1 窗口2", ""]
    assert "H1 窗口1、H1 窗口2" in shown("pains", "of_hall", rows[:4])
    assert "H2 窗口1" not in shown("pains", "of_hall", rows[4:])


@pytest.mark.parametrize(("change", "page"), [("0.125", "+12.5"), ("-0.0312", "−3.1"), ("0", "±0.0")])
def test_a_share_moves_by_percentage_points(tmp_path, change, page):
    rows = sections.pains.read(Rows(PAIN | {"share_change": Decimal(change)}), {}, ZH)
    text = shown("pains", "of_hall", rows)
    assert "占比变化 个百分点" in text and f"等候过长 3 30 1 {page} " in text
    cells, formats = sheet(tmp_path, sections.pains.COLUMNS, rows)
    assert cells["share_change"] == pytest.approx(float(change) * 100)
    assert formats["share_change"] == '+0.00" 个百分点";"−"0.00" 个百分点";0.00" 个百分点"'


@pytest.mark.parametrize(("value", "unit", "language", "text"), [
    ("-4.89", "minute", "zh", "−4.89 分钟"), ("0.1767", "share", "zh", "+17.67 个百分点"),
    ("0.1767", "share", "en", "+17.67 pp"), ("-1", "star", "en", "−1.00 star"), ("0", "star", "en", "±0.00 stars"),
    (None, "star", "en", "—"),
])
def test_a_change_has_its_sign_and_unit(value, unit, language, text):
    assert wording.change_in_unit(None if value is None else Decimal(value), unit, words_of(language)) == text


@pytest.mark.parametrize(("value", "unit", "threshold", "text", "code"), [
    ("0.79998", "share", "0.8", "79.998%", "#,##0.000%"), ("0.8", "share", "0.8", "80.00%", "0.00%"),
    ("0.80001", "share", "0.8", "80.001%", "#,##0.000%"), ("0.79", "share", "0.8", "79.00%", "0.00%"),
    ("9.9996", "minute", "10", "9.9996 分钟", "#,##0.00##"), ("9.9996", "minute", "12", "10.00 分钟", "#,##0.00##"),
    ("4.4999999999", "star", "4.5", "4.4999999999 星", "#,##0.0000000000"),
])
def test_a_value_short_of_a_threshold_does_not_read_as_the_threshold(tmp_path, value, unit, threshold, text, code):
    row = {"unit": unit, "lower_bound": None, "upper_bound": Decimal(threshold), "value": Decimal(value)}
    assert wording.in_unit(row["value"], unit, ZH, beside=wording.thresholds(row)) == text
    cells, formats = sheet(tmp_path, [("value", "value", "metric", 10)], [row])
    assert (cells["value"], formats["value"]) == (float(value), f'{code};"−"{code}')


def test_an_audit_rate_and_a_claim_do_not_read_as_met():
    audited = REWARD | {"min_audit_match": Decimal("0.8"), "audit_match_rate": Decimal("0.7959"), "audited_count": 98}
    template = make_environment(ZH).from_string("{{ audit_match_rate | in_unit('share', 0, row | thresholds) }}")
    assert template.render(audit_match_rate=audited["audit_match_rate"], row=audited) == "79.6%"
    words = wording.moved_by(Decimal("0.29996"), EFFECT, ZH)
    assert words == "改善 29.996%" and wording.moved_by(Decimal("0.3"), EFFECT, ZH) == "改善 30.0%"


@pytest.mark.parametrize(("value", "number", "signed"), [
    ("-1234.5", "−1,234.50", "−1,234.50"), ("-0.001", "0.00", "±0.00"), ("0", "0.00", "±0.00"), ("2", "2.00", "+2.00"),
])
def test_a_minus_is_one_and_no_zero_has_one(tmp_path, value, number, signed):
    value = Decimal(value)
    assert (wording.number(value), wording.signed(value)) == (number, signed)
    assert wording.plain_number(value, 2) == number.replace(",", "").rstrip("0").rstrip(".")
    row = {"value": value, "other": value, "unit": "minute"}
    cells, formats = sheet(tmp_path, [("value", "value", "score", 9), ("before", "other", "signed", 9)], [row])
    assert cells["value"] == cells["before"] == float(value) * (signed != "±0.00")
    assert formats == {"value": '0.00;"−"0.00', "before": '+0.00;"−"0.00;0.00'}


EFFECT = {
    "dimension": "efficiency", "dimension_name": "效率", "claimed_improvement": Decimal("0.3"), "metric_label": "等候",
    "unit": "minute",
    "status": "measured", "status_name": "已测", "before_value": Decimal("10"), "after_value": Decimal("11"),
    "improvement_share": Decimal("-0.1"), "net_improvement_share": Decimal("0.4"), "is_claim_met": 0,
    "is_net_claim_met": 1,
}


@pytest.mark.parametrize(("language", "change", "text"), [
    # Became worse, but less than others.
    ("zh", {}, "政策所述效率提升 30%：等候由 10.00 分钟升至 11.00 分钟，变差 10.0%，未达到；"
               "扣除同期变化后改善 40.0%，达到"),
    ("en", {}, "Efficiency, claimed +30%: 等候 10.00 min → 11.00 min, 10.0% worse: not met; net of halls without it"
               " 40.0% better: met"),
    # A share of 0.
    ("zh", {"is_claim_met": None}, "政策所述效率提升 30%：等候暂不能判定（上线前为 0）"),
    ("en", {"is_claim_met": None}, "Efficiency, claimed +30%: 等候 cannot be judged yet (0 before go-live)"),
    ("zh", {"claimed_improvement": None}, None),
])
def test_a_claim_in_words(language, change, text):
    words = words_of(language)
    effect = EFFECT | change | {"dimension_name": {"zh": "效率", "en": "Efficiency"}[language]}
    effect |= {"verdict": wording.claim(effect, effect["is_claim_met"], words),
               "net_verdict": wording.claim(effect, effect["is_net_claim_met"], words)}
    assert wording.claim_sentence(effect, words) == text


RULE = {
    "subject_type": "hall", "rule_set": "standard", "rule_id": "E1", "valid_from": date(2020, 1, 1), "label": "",
    "weight": Decimal("0.4"), "dimension": "efficiency", "dimension_name": "效率",
    "verdict": "ranks_changed", "decided_nothing": 0,
    "unit_count": 6, "judged_count": 5, "value_mean": Decimal("0.85"), "value_deviation": Decimal("0.102"),
    "unit": "share",
    "applied_share": None, "ceiling_share": None, "floor_share": None, "score_correlation": None,
    "decided_points": Decimal(1), "changed_rank_count": 2,
}
NOTHING = {"verdict": "not_measured", "decided_nothing": 1}


def test_rules_that_decided_nothing_and_those_that_changed_no_rank():
    rows = sections.review.read(Rows(
        RULE, RULE | {"rule_id": "E2", "verdict": "no_rank_changed"}, RULE | {"rule_id": "E3"} | NOTHING,
        RULE | {"rule_id": "D1", "weight": Decimal(0), "verdict": "no_weight", "decided_nothing": 1},
        RULE | {"rule_id": "E4", "subject_type": "window", "verdict": "same_for_all", "decided_nothing": 1},
    ), {}, ZH)
    text = shown("review", "of_all", rows, [], [])
    assert "什么也没有决定的规则：E3（没有数据）。 给了分而没有改变任何名次的规则：E2。" in text
    assert "什么也没有决定的规则：E4（人人相同）。" in text and "D1" not in text
    english = sections.review.read(Rows(RULE | NOTHING), {}, words_of("en"))
    assert "Rules that decided nothing: E1 (no data)." in shown("review", "of_all", english, [], [], language="en")


def test_a_rule_is_told_from_its_like_by_set_and_date():
    july = {"valid_from": date(2026, 7, 1)}
    alone = sections.review.read(Rows(RULE, RULE | {"rule_id": "E2"} | july), {}, ZH)
    assert [row["short_name"] for row in alone] == ["E1", "E2"]
    changed = sections.review.read(Rows(RULE, RULE | july, RULE | {"subject_type": "window"}), {}, ZH)
    assert [row["short_name"] for row in changed] == ["E1 2020-01-01 起", "E1 2026-07-01 起", "E1"]
    sets = sections.review.read(Rows(RULE, RULE | {"rule_set": "pilot"} | NOTHING), {}, ZH)
    assert [row["short_name"] for row in sets] == ["E1 standard", "E1 pilot"]
    assert "什么也没有决定的规则：E1 pilot（没有数据）。" in shown("review", "of_all", sets, [], [])


def test_the_closest_metrics_stand_below_the_review():
    pair = {"subject_type": "hall", "label_b": "满意率", "pair_count": 36, "correlation": Decimal("-0.987")}
    pairs = [pair | {"label_a": f"指标{number}"} for number in range(6)]
    rows = sections.review.read(Rows(RULE), {}, ZH)
    text = shown("review", "of_all", rows, [*pairs, pair | {"subject_type": "window", "label_a": "别的"}], [])
    assert "指标0 ↔ 满意率 −0.99 对数 36" in text and "指标4" in text
    assert "指标5" not in text and "别的" not in text and "其余 1 项见 Excel 工作簿。" in text


def test_a_rule_shows_whom_its_shares_are_of_and_how_far_values_lie_apart(tmp_path):
    """Five of six units had a value; four of five are in the band."""
    rows = sections.review.read(Rows(RULE | {"applied_share": Decimal("0.8")}), {}, ZH)
    assert "E1 5 / 6 80 — — 85.00 ± 10.20% — 1.0 2 改变了名次" in shown("review", "of_all", rows, [], [])
    cells, formats = sheet(tmp_path, sections.review.COLUMNS, rows)
    assert [cells[name] for name in ("judged_units", "business_units", "in_band", "unit")] == [5, 6, 0.8, "%"]
    assert formats["spread_column"] == '0.00%;"−"0.00%'


MEASURE = {
    "subject_type": "hall", "rule_set": "standard", "metric": "complaint_count", "metric_label": "投诉量",
    "unit": "complaint", "rule_count": 0, "unit_count": 12, "value_count": 10, "value_mean": Decimal("0.35"),
    "value_deviation": Decimal("0.5"), "value_min": Decimal(0), "value_max": Decimal(2), "floor_share": None,
    "ceiling_share": Decimal("0.7"), "score_correlation": Decimal("-0.4312"),
}


def test_metrics_that_no_rule_uses_stand_below_the_review(tmp_path):
    rows = sections.measures.read(Rows(
        MEASURE, MEASURE | {"rule_count": 2, "metric_label": "用了的"},
        MEASURE | {"value_count": 0, "metric_label": "空的"},
        MEASURE | {"subject_type": "window", "metric_label": "窗口的"},
    ), {}, ZH)
    text = shown("review", "of_all", sections.review.read(Rows(RULE), {}, ZH), [], rows)
    assert "没有规则使用的指标（权重为 0 的不算）：" in text and "投诉量 10 / 12 70 — 0.35 ± 0.50 件 −0.43 " in text
    assert not any(other in text for other in ("用了的", "空的", "窗口的"))
    cells, formats = sheet(tmp_path, sections.measures.COLUMNS, rows)
    assert [cells[name] for name in ("rules_using", "mean_value", "least", "greatest", "unit")] == [0, 0.35, 0, 2, "件"]
    assert formats["mean_value"] == '#,##0.00##;"−"#,##0.00##'


def test_coverage_is_wanted_of_all_channels_together_and_callbacks_are_counted(tmp_path):
    row = {
        "hall_id": "H1", "hall_name": "大厅", "channel": "app", "rating_count": 9, "rating_share": Decimal(1),
        "avg_rating": Decimal(4), "coverage": Decimal("0.3"), "wanted_coverage": Decimal("0.5"),
        "coverage_gap": Decimal("0.2"), "negative_count": 4, "callback_due_count": 3, "callback_count": 2,
        "callback_rate": Decimal("0.6666666667"),
    }
    rows = sections.channels.read(Rows(row, row | {"channel": "all"}), {}, ZH)
    text = shown("channels", "of_hall", rows)
    assert "App 9 4.00 30.0 4 67 2 / 3" in text and "合计 9 4.00 30.0 50 20.0 4 67 2 / 3" in text
    cells, _ = sheet(tmp_path, sections.channels.COLUMNS, rows)
    assert [cells[name] for name in ("wanted", "gap", "callback_due", "callback_done")] == [None, None, 3, 2]
    cells, _ = sheet(tmp_path, sections.channels.COLUMNS, rows[1:])
    assert [cells[name] for name in ("wanted", "gap")] == [0.5, 0.2]


REWARD = HALL | {
    "label": "奖金", "tier_id": "T1", "min_score": Decimal(100), "max_rank_share": None, "min_sample": 0,
    "complaints": "any", "min_audit_match": None, "peer_group": "all", "is_candidate": 1, "missed_reason": None,
    "is_provisional": 1, "revision": None, "audited_count": 0, "audit_match_rate": None, "ranked_score": Decimal(120),
    "rank_in_group": 1, "ranked_in_group": 2, "case_count": 50, "complaint_count": 0,
}


def test_a_reward_that_may_still_change_is_marked(tmp_path, monkeypatch):
    """Before publication the whole section is provisional; after it, subjects whose hall had poor audits."""
    monkeypatch.setattr(sections.rewards, "judges", lambda *_: True)
    rows = sections.rewards.read(Rows(REWARD), {}, ZH)
    text = shown("rewards", "of_all", rows)
    assert "暂定 本期没有公布的版本（未到公布日，或早于 publish_from），得分取自现时数据。" in text
    assert "原因 候选 大厅" in text
    audited = REWARD | {"revision": 2, "audited_count": 30, "audit_match_rate": Decimal("0.6667")}
    rows = sections.rewards.read(Rows(audited, audited | {"is_provisional": 0}), {}, ZH)
    text = shown("rewards", "of_all", rows)
    assert "得分取自第 2 版公布的结果。" in text and "没有公布的版本" not in text
    assert text.count(" 候选 暂定 大厅") == text.count(" 候选 大厅") == 1 and "30 67%" in text
    cells, _ = sheet(tmp_path, sections.rewards.COLUMNS, rows)
    assert [cells[name] for name in ("revision_column", "tentative", "audited", "audit_match")] == [
        2, "暂定", 30, pytest.approx(0.6667)]


ACTION = HALL | {
    "metric": "avg_wait_minutes", "metric_label": "等候", "unit": "minute", "is_count": 0, "evidence": None,
    "period_type": "month", "label": "约谈", "state": "continuing", "is_open": 1, "lower_bound": Decimal(12),
    "upper_bound": None, "opened_in": date(2026, 2, 1), "due_on": date(2026, 3, 13), "is_overdue": 0,
    "deadline_working_days": 10, "value": Decimal(13), "sample_size": 40, "run_length": 2,
}


@pytest.mark.parametrize(("change", "deadline"), [
    ({}, "2026-03-13 前"), ({"due_on": None}, "10 个工作日内 工作日历缺该年，未定日期"),
    ({"is_overdue": 1}, "2026-03-13 前 逾期"),
])
def test_an_action_without_a_date_and_one_past_it_say_so(monkeypatch, change, deadline):
    monkeypatch.setattr(sections.actions, "judges", lambda *_: True)
    text = shown("actions", "of_hall", sections.actions.read(Rows(ACTION | change), {}, ZH))
    assert f"13.00 分钟 {deadline} 周期结束后" in text and ("工作日历" in text) == (change == {"due_on": None})


def test_overdue_actions_are_counted_and_marked(tmp_path, monkeypatch):
    monkeypatch.setattr(sections.actions, "judges", lambda *_: True)
    rows = sections.actions.read(Rows(ACTION, ACTION | {"is_overdue": 1}), {}, ZH)
    # none new, two continuing, one of them late
    assert "大厅 0 2 0 1 约谈（持续） 约谈（持续、逾期）" in shown("actions", "of_all", rows)
    assert "逾期" not in shown("actions", "of_all", rows[:1]).split("周期结束后")[0]
    assert sheet(tmp_path, sections.actions.COLUMNS, rows)[0]["overdue"] is None
    assert sheet(tmp_path, sections.actions.COLUMNS, rows[1:])[0]["overdue"] == "逾期"
    # An earlier page shows the state of that time.
    [ended] = sections.actions.read(Rows(ACTION | {"state": "recovered", "is_open": 0, "is_overdue": 1}), {}, ZH)
    assert ended["late"] is None


def test_the_evidence_of_an_action_does_not_read_as_its_threshold():
    action = {"period_type": "month", "unit": "share", "lower_bound": None, "upper_bound": Decimal("0.8"),
              "evidence": "2026-01-01: 0.5 (40); 2026-02-01: 0.79998 (50000)"}
    assert wording.evidence(action, ZH) == ["2026-02：79.998%（样本 50,000）", "2026-01：50.00%（样本 40）"]


def test_a_pilot_of_an_unknown_hall_is_shown_as_such():
    effect = dict.fromkeys((
        "shadow_until", "claimed_value", "is_claim_met", "is_net_claim_met", "comparison_scope",
        *(f"{prefix}{name}" for prefix in ("", "comparison_") for name in (
            "before_value", "after_value", "value_change", "improvement_share")), "net_improvement_share",
        "before_sample_size", "after_sample_size",
    )) | {
        "pilot_id": "P7", "label": "预审", "hall_id": "H99", "hall_name": "H99", "status": "unknown_hall",
        "go_live": date(2026, 2, 1), "dimension": "efficiency", "dimension_name": "效率",
        "metric": "avg_wait_minutes", "metric_label": "等候",
        "unit": "minute", "claimed_improvement": Decimal("0.3"), "comparison_hall_count": 0, "before_weeks": 8,
        "after_weeks": 8, "before_week_count": 0, "after_week_count": 0,
    }
    text = shown("pilots", "of_all", sections.pilots.read(Rows(effect), {}, ZH))
    assert "预审：H99，2026-02-01 上线" in text and "等候暂不能判定（没有此大厅）" in text
    assert text.split(" 改善为相对")[0].endswith("没有此大厅") and "上线前 上线后" not in text


def test_callbacks_of_ratings_and_complaints_together_stand_below_those_of_ratings():
    row = dict.fromkeys((
        "rating_share", "avg_rating", "coverage", "wanted_coverage", "coverage_gap", "callback_rate",
    )) | {
        "hall_id": "H1", "channel": "all", "rating_count": 9, "negative_count": 4, "callback_due_count": 3,
        "callback_count": 2,
    }
    rows = sections.channels.read(Rows(row), {}, ZH)
    both = {"numerator": Decimal(4), "denominator": Decimal(6), "value": Decimal("0.6666666667")}
    assert "连同投诉：应回访（已到期）6 条，按时回访 4 条（67%）。" in shown("channels", "of_hall", rows, both)
    assert "连同投诉" not in shown("channels", "of_hall", rows, both | {"denominator": None})


def test_merit_is_shown_by_kind(tmp_path):
    row = {"hall_id": "H1", "hall_name": "大厅", "record_count": 3, "subject_count": 2, "quantity": Decimal("4.5")}
    rows = sections.merits.read(Rows(
        row | {"kind": "延时服务"}, row | {"kind": "代王伟先生13812345678"}, row | {"kind": "unknown"}), {}, ZH)
    text = shown("merits", "of_hall", rows)
    assert "延时服务 3 2 4.5 ***先生*** 3 2 4.5 未注明 3 2 4.5 " in text
    cells, _ = sheet(tmp_path, sections.merits.COLUMNS, rows)
    assert list(cells.values()) == ["大厅", "延时服务", 3, 2, 4.5]
    assert sections.merits.read(Rows(), {}, ZH) is None
