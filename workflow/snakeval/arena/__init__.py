"""Pairwise games -> leaderboards: prompts, games, exchange with arena-hard-auto, standings.

The report imports its tables. It never imports the report.
"""
