"""What people read: the summary, the page with its plots, the outlook of a run.

Nobody imports from it but its rules' scripts. It computes no score, and never imports who made one:
`grading`, `judging`, `generation`, `harness`.
"""
