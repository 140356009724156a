"""The XRPC handlers, one module per NSID group; `routes` is the table.

A handler translates: wire input to a service's arguments, a service's answer to a view. It decides nothing and reads no
table. Domain errors become wire errors in one place (`errors`). Handler modules name generated models through lazy
packages (`lex.get_scrobbles.Output`), so that a method's models are imported when it is first called.
"""
