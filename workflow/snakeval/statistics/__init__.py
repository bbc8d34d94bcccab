"""Numbers in, numbers out: pass@k, bootstraps, Bradley-Terry, intervals, style, paired tests, agreement.

Anyone who computes may import from it; while the workflow is parsed only `labels`, which needs no numpy. It
knows no file of ours and never imports another room, nor `snakeval.types`.
"""
