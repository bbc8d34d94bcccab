# what outputs say they are of -> Snakemake's records, where it has none of these files. After all rules.
from snakemake.persistence.db import DbPersistence
from snakemake.persistence.file import FilePersistence

from snakeval.dag import records


def snakemakes_records():
    """Snakemake's own records of this folder; it opens them after the Snakefile is parsed."""
    settings = workflow.workflow_settings
    if settings.persistence_backend.name == "DB":
        return DbPersistence(db_url=settings.persistence_backend_db_url)
    return FilePersistence()


if workflow.is_main_process and Path(records.ROOT).is_dir():
    outputs = records.outputs(records.patterns(workflow.rules))
    if nameless := records.adopt(outputs, snakemakes_records()):
        logger.warning(records.warning(nameless))
