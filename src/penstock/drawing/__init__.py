"""Pictures as data: values in, SVG or Vega-Lite out. No project, no database, no browser."""
