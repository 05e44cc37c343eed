"""The page of counts of threats and measures."""
