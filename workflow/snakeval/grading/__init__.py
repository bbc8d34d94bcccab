"""Generations -> grades: by comparison, by a verifier, in a sandbox, by a judge; one module a grader.

Arenas import `answer_of`: what of a generation there is to be judged. It never imports scores or arenas.
"""
