"""The language of document templates: `{{names}}`, conditions, loops and tables in the style of an example.

    {{project.name}}                          letters, in the looks of the braces
    {{result.roc_curve.plot}}                 alone on its line: a picture, a table, blocks
    {{result.feature_dependence.plot/age}}    a name with an argument
    {{if design.calibration.status == Yes}}   alone on its line, also != and an empty right side
    {{endif design.calibration.status}}
    {{foreach $d in flow.datasets}}           alone on its line; inside, {{$d.name}}
    {{endforeach $d}}
    {{design.input_feature.table}}            a table between these two gives its style
    {{/design.input_feature.table}}

What nobody knows is removed, and told as a warning; a document comes out in any case.
"""

from __future__ import annotations

from penstock.drawing.templating.word import fill

__all__ = ["fill"]
