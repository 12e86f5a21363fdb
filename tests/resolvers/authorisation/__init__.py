"""The authorisation matrix: who sees which field of whose thing, and who may name whose thing in a mutation.

`tests/resolvers/authorisation_table.py` says who is let in to each root field; the rows here say the rest:

- a new **type** or **field**: a row in `catalogue.py`, `people.py`, `staff.py`, `files.py` or `told.py` (or in a module
  of its own, then named in `table.py`); the classes of `rows.py` are the words to write it in;
- a new **query**, or a new place that leads to somebody's thing: a `Way` beside the type's row;
- a new type with global ids: its line in `BY_ID` and a factory in `things.py`;
- a new **input field** that names something (an `ID`, `…Id`, `…Code`, `…Key`): a line in `inputs.py`.

Whatever is missing fails with a message that says which row is.
"""
