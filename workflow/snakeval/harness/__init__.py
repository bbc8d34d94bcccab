"""One task of EleutherAI's lm-evaluation-harness, asked of our server, and the table of its results.

Nobody imports from it but its rules' scripts. It never imports a grader or a score.
"""
