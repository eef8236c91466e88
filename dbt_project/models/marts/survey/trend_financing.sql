{{ topical_trend(['financing']) }}
