"""The site: what a run made, as compressed chunks of data beside a page that shows them.

Its files open from file://, where a page may load scripts but fetch nothing: each chunk is a script that
hands over its key and its content. `app` holds the page's own scripts, `vendor` the libraries they use.
"""
