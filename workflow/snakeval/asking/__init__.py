"""Requests -> journalled rows: what a request is built of, whom it goes to, within which limits.

`build` makes requests for all who ask: `generation`, `judging`, `harness`, which may import from here. It
never imports them, and knows no verdicts.
"""
