"""Charts: values in, a Vega-Lite specification out. The page, a PDF and a mail draw the same one."""
