"""The sections of the report, each a function from a `View` to a `Section`; their order stands in `twin.report.page`."""
