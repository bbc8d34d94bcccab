"""Agents: a sample that is made in several turns with one model, each turn journalled like any request.

`turns` has what passes between an agent and who asks for it, `self_eval` and `deepseek_math` are the
agents, `run` plays them over all samples.
"""
