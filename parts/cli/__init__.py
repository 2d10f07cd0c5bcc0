"""Command lines and interviews: the types and the questions that the scripts share."""
