"""Engines and their owners: one server's start, health and end, over one node or several.

Who asks a server imports from it. `kept` are servers that outlive a run. No process may outlive its owner.
It never imports who asks.
"""
