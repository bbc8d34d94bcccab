"""Rows on disk the moment they are complete: written, indexed, compacted, leased to one job at a time.

Whoever asks a model imports from it. What must never happen in it: a row lost, a row twice, one writer in
another's file. It knows no requests, and never imports more than `system` and `snakeval.types`.
"""
