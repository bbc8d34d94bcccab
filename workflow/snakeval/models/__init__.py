"""What a model is: its name, its files, its checkpoints here and on S3, where it fits, how it is served.

Anyone may import from it; `names`, `checkpoints`, `fingerprint`, `placement` and `serving_config` are
evaluated while the workflow is parsed and need no more than PyYAML. It never imports the configuration or a
stage.
"""
