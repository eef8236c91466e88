{{ topical_trend(['offering_value']) }}
