"""What of a model's text is its answer: reasoning separated, the final answer or the program found,
its parts and numbers read.

Agents, graders and judges import from it, and so do worker processes: nothing here takes long
to import. It never imports a stage.
"""
