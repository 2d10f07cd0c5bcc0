"""Command lines and interviews: the types, the options and the questions that the scripts share."""
