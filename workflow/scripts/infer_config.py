"""Model -> serving config."""

from pathlib import Path

from snakeval.config import load_config
from snakeval.config.requests import chats
from snakeval.dag import lanes
from snakeval.models.adapters import located
from snakeval.models.chats import check_chats
from snakeval.models.infer import infer_config
from snakeval.system.job import begin

if __name__ == "__main__":
    begin(snakemake)
    config = load_config(snakemake.config, Path.cwd(), check_data=False)
    slug = snakemake.wildcards.model
    model = config.served[slug]
    serving = infer_config(slug, model, config.settings.gpus, Path(snakemake.output[0]))
    for adapter in lanes.adapters(config, slug).values():
        located(adapter)  # fetched, and known to be served, before any GPU is asked for
    own = [
        who for name, asked in chats(config).items() if lanes.server(config, name) == slug for who in asked
    ]
    check_chats(slug, model, serving, own, Path.cwd())
