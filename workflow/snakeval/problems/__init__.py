"""Benchmark source -> problems: rows fetched, corrected, checked, and rendered into prompts.

The stages after it import what a problem is asked with, and its errors. It never imports one of them.
"""
