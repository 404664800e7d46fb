"""What the tracker knows, as tables for spreadsheets, databases and notebooks.

    articles   one row an article
    versions   one row a version, with its text and the bounds within which it stood on the page
    changes    one row a change
    facts      one row a fact that changed
    events     one row an article that was removed, restored or moved

`tables` says what the columns are and makes the rows, article by article, so that nothing has to fit into memory; there is a module for each form that they are written in, with the same verb:
`csv`, `jsonl` and `parquet`.

Joins the parts.
"""

from tracker.exports.tables import TABLES, Column, Rows, Table, rows_of
from tracker.exports.writers import FORMS, open_writer

__all__ = ["FORMS", "TABLES", "Column", "Rows", "Table", "open_writer", "rows_of"]
