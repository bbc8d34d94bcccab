"""Processes, files, tables, logs and workers: what the operating system is asked for.

Anyone may import from it. It knows no stage and no configuration, and never imports any other room.
"""
