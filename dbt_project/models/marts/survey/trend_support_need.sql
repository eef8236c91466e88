{{ topical_trend(['support_need']) }}
