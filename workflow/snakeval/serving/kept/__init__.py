"""Servers that are kept beyond a workflow's run: started, listed, checked, ended.

`snakeval.servers` is their command line. What is written of each is described in `registry`.
"""
