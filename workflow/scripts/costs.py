"""Judges' tokens -> what they cost."""

import json
from pathlib import Path

from snakeval.asking.spending import bills, to_json
from snakeval.schema import Price
from snakeval.system.files import write_text
from snakeval.system.job import begin

if __name__ == "__main__":
    begin(snakemake)
    prices = json.loads(snakemake.params.spec)["prices"]
    known = {judge: Price(**price) if price else None for judge, price in prices.items()}
    found = bills((Path(path) for path in snakemake.input), known)
    write_text(Path(snakemake.output[0]), to_json(found))
