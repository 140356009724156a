"""The pages, a module for each group of them; `routes.page_routes` is their part of the table of routes.

A page's handler reads the form, asks a service, and fills a dataclass of `web.contexts`. A form that changes something
answers with a redirect to a page that shows it (so that reloading repeats nothing), except where what it made is shown
just once.
"""
