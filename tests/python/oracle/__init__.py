"""The scores once more, in pandas and Decimal, from the raw tables and the rule files alone.

Written from the policy and docs/decisions.md, in another language and another order than the
models: rows are cleaned one by one, counted by day, and every subject and period is judged in
a plain loop. Nothing here reads the models or what they built.
"""

from oracle.recompute import Oracle
from oracle.scoring import judge_rule

__all__ = ["Oracle", "judge_rule"]
