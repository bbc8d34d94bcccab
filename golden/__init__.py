"""Published figures, recomputed with the project's own code: `make golden` prints them side by side."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from golden import code, ifeval, instructions, lighteval, nemo_skills, qwen, solutions, tables
from golden.figure import Figure


@dataclass(frozen=True, slots=True)
class Part:
    """Figures of one source, and the file or folder of the published data that they need.

    `slow`: minutes of two cores, computed when it is asked for by name.
    """

    needs: str
    figures: Callable[[Path], Iterable[Figure]]
    slow: bool = False


PARTS = {
    "qwen": Part(qwen.FILE, qwen.figures),
    "gsm8k": Part("gsm8k/example_model_solutions.jsonl", solutions.gsm8k),
    "tora": Part("math_outputs/tora", solutions.tora),
    "nemo-skills": Part(nemo_skills.FOLDER, nemo_skills.figures),
    "lighteval": Part(lighteval.FOLDER, lighteval.figures),
    "tables": Part("verify_tables", tables.figures),
    "humaneval": Part(code.FOLDER, code.humaneval),
    "humaneval-plus": Part(code.FOLDER, code.humaneval_plus),
    "mbpp": Part(code.FOLDER, code.mbpp),
    "mbpp-plus": Part(code.FOLDER, code.mbpp_plus, slow=True),
    "codet": Part(code.CODET, code.codet, slow=True),
    "ifeval": Part("ifeval/m-ifeval_en", ifeval.figures),
    "ifbench": Part(instructions.FOLDER, instructions.figures),
}
