"""Files that people and other programs write: rows of data, prompts, people's verdicts, arena-hard-auto's.

Reading one needs no configuration, so that the configuration's checks can read them too. Anyone may import
from it. It never imports the configuration or a stage.
"""
