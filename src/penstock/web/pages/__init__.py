"""One file per noun: data for a template, nothing more. Every file holds `routes`, a `Routes`; being here is enough
to be served."""
