"""The studio: pages rendered on the server, made alive by htmx and a few islands. A page reads what is asked, calls
one use case of `runtime`, and shows what it gave."""
