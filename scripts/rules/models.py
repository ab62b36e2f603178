"""One model for each file of seeds/rules/. rule_columns.csv says what a cell may hold; here is what it cannot say."""

from __future__ import annotations

from typing import ClassVar

from rules.columns import COLUMNS
from rules.rows import DatedRow, FieldProblems, Row, of_file

# Of texts, those of no category and all of them.
OWN_CATEGORIES = ("unclassified", "all")


@of_file("scoring_rules")
class ScoringRule(DatedRow):
    """A base, a band or a slope."""

    def shares_scope(self, other: ScoringRule) -> bool:
        """Return whether both judge some subject in some period; blank meets any."""
        return all(
            None in (mine, theirs) or mine == theirs
            for mine, theirs in ((self.subject_type, other.subject_type), (self.period_type, other.period_type))
        )

    def overlaps(self, other: ScoringRule) -> bool:
        """Return whether one value of one subject and period can fall into both rows on a day; blank meets any."""
        return (
            (self.rule_set, self.dimension, self.metric, self.rule_type)
            == (other.rule_set, other.dimension, other.metric, other.rule_type)
            and self.meets(other)
            and self.shares_scope(other)
            and all(
                None in (low, high) or low < high
                for low, high in ((self.lower_bound, other.upper_bound), (other.lower_bound, self.upper_bound))
            )
        )


@of_file("metric_parameters")
class MetricParameter(DatedRow):
    """A number that a measure needs; publish_from is a day."""

    def problems(self) -> FieldProblems:
        """Yield also a unit that the models do not read."""
        yield from super().problems()
        unit = COLUMNS["metric_parameters"]["value"][self.parameter].unit
        if self.unit != unit:
            yield (
                "unit", f"{self.parameter} 不以 {self.unit} 计；应为 {unit}",
                f"{self.parameter} is not read in {self.unit}; write {unit}",
            )


@of_file("exemptions")
class Exemption(DatedRow):
    """A subject that a rule does not judge for a time."""

    def problems(self) -> FieldProblems:
        """Yield also a subject of no type, and what would exempt everybody from everything."""
        yield from super().problems()
        if not (self.hall_id or self.rule_id):
            yield (
                "hall_id", "hall_id 与 rule_id 都为空，会豁免所有人的所有规则；应至少写一个",
                "hall_id and rule_id are both empty, which exempts everybody from everything; write one of them",
            )
        if self.subject_id and not self.subject_type:
            yield (
                "subject_type", "写了 subject_id 而此列为空；应写对象类型",
                "the cell is empty beside a subject_id; write the type of the subject",
            )


@of_file("improvement_triggers")
class ImprovementTrigger(DatedRow):
    """Values that, some periods in a row, call for an action."""

    # A later row of an id goes on with the runs of the one before, so these stay.
    LASTING: ClassVar = ("subject_type", "period_type", "metric")

    def problems(self) -> FieldProblems:
        """Yield also bounds that every value lies in."""
        yield from super().problems()
        if self.lower_bound is None and self.upper_bound is None:
            yield (
                "upper_bound", "上下限都为空，任何值都会触发；应至少写一个",
                "both bounds are empty, every value fires it; write one of them",
            )


@of_file("pain_point_keywords")
class PainPointKeyword(DatedRow):
    """A word that puts a comment or complaint into a category."""

    def problems(self) -> FieldProblems:
        """Yield also a category that the marts use for something else."""
        yield from super().problems()
        if self.category in OWN_CATEGORIES:
            yield (
                "category", f"{self.category} 另有含义；应换一个词",
                f"{self.category} means something else in the marts; write another word",
            )


@of_file("pilots")
class Pilot(Row):
    """A hall that tries something from go-live on, what is compared, and how long it is not ranked."""


@of_file("metric_definitions")
class MetricDefinition(Row):
    """A metric that rules can name."""


OWN = {
    "scoring_rules": ScoringRule, "metric_parameters": MetricParameter, "exemptions": Exemption,
    "improvement_triggers": ImprovementTrigger, "pain_point_keywords": PainPointKeyword, "pilots": Pilot,
    "metric_definitions": MetricDefinition,
}
MODELS: dict[str, type[Row]] = {
    seed: OWN.get(seed) or of_file(seed)(DatedRow if "valid_from" in columns else Row)
    for seed, columns in COLUMNS.items()
}
