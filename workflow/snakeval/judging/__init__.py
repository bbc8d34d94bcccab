"""A judge at work and measured: asked, its verdicts read and kept, calibrated against people and others.

Graders and arenas import from it. It never imports them.
"""
