"""What the server shows to browsers, and the HTTP routes that are no XRPC methods.

Every route is a row of one table (`routes.WebRoute`) and says who may call it. Only `routes.add_web_routes` registers
handlers, and it puts a guard before each: a route for people who are signed in cannot be reached without a browser
session, and a form that came from elsewhere is refused before its handler runs.

A page is a template of `templates/` over a frozen dataclass of `contexts`, rendered on the server, with one style sheet
and no script. (The one exception hands a token to a command line on the same computer, which nothing but a script can:
it is a page of its own, with a policy of its own.) Rejected: a single-page application, which needs a build, JavaScript
and a token within reach of it; and flash messages kept in the session, since what a page has to say once (a new token)
belongs to the answer of the form.

Invariant: no page holds anything of another origin, and none can be shown in another's frame; the headers say so to
the browser. jinja2 is imported for the first page, not for the start.
"""
