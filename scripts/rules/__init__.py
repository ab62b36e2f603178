"""The rule files of seeds/rules/: what may stand there, what a change would do, and the page that explains them."""
