"""Services: the verbs of the product.

They decide; they know neither HTTP nor SQL. A service takes its collaborators as arguments (`app` wires them), composes
the index's units of work with `yield from`, and hands them to the database, so that a decision and the rows that it
depends on are in one transaction. Rejected: services that hold a session or open transactions of their own.
"""
