"""Grades -> metrics: pass@k with its validity, comparisons of models, the gate for checkpoints.

Arenas and the report import from it. It never imports who made the grades.
"""
